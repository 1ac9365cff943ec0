"""The contracts about life in many processes, and about what a plugin changes for others."""

from hwcheck.model.contract import Contract, Profile

__all__ = ["ALL"]

_LOAD_GENERAL = "load_general_plugins() in vllm/plugins/__init__.py"

NESTED = Contract(
    id="load.nested",
    profile=Profile.P1,
    title="The process that a spawned process starts finds the same platform",
    relied_on_by="MultiprocExecutor in vllm/v1/executor/multiproc_executor.py: starts the workers "
    "from the engine core, which vllm/v1/engine/utils.py starts from the frontend",
    remedy="make the entry point answer the same in every process: count no processes, start "
    "none, and read no variable that an outer process has set",
    checked="a process spawned from the one that holds the platform spawns a daemon in turn, as "
    "vLLM's engine core does for a worker; its platform has to be of the same class",
    seen_in="spawned",
)
IMPORT_ORDER = Contract(
    id="load.import-order",
    profile=Profile.P1,
    title="The plugin activates whichever part of vLLM is imported first",
    relied_on_by="the import of vllm.platforms, vllm (LLM) and vllm.config: the platform module is "
    "imported in the middle of whichever of them comes first",
    remedy="let the platform module import only vllm.platforms, vllm.logger, vllm.envs, vllm.utils "
    "and vllm.v1.attention.backends.registry at its top level, and the rest inside functions",
    checked="vLLM is started by `from vllm.platforms import current_platform`, by "
    "`from vllm import LLM` and by `import vllm.config`, until the platform was chosen and used "
    "for the first time",
    seen_in="life",
)
PROCESS_STATE = Contract(
    id="load.process-state",
    profile=Profile.P1,
    title="Loading and activating takes nothing from vLLM or from the program that uses it",
    relied_on_by="the program that holds vLLM, and all other libraries in its process",
    remedy="leave it as it was, or change it in the worker alone",
    checked="signal handlers, hooks, logging, warning filters, loaded modules, import paths, exit "
    "handlers, working folder and torch's defaults before and after each of the plugin's lines; "
    "all changes are listed, and those are breaches that take something from others: a handler of "
    "SIGINT, SIGTERM or SIGCHLD, another default dtype or device, silenced warnings or messages, "
    "a module of others without names that it had, a removed import path, a failing exit handler",
    seen_in="life",
)
REPEAT = Contract(
    id="load.repeat",
    profile=Profile.P1,
    title="A general plugin can be called a second time",
    relied_on_by=_LOAD_GENERAL + ': "they can be loaded multiple times without causing issues"; '
    "vLLM's tests and programs that call it by themselves do",
    remedy="remember that it was done; register_oot() and register_connector() refuse a second "
    "registration of the same name",
    checked="each general entry point is called once more in the same process",
    seen_in="life",
)
INSPECTION = Contract(
    id="load.inspection",
    profile=Profile.P1,
    title="vLLM's model inspection works beside the plugin",
    relied_on_by="_run_in_subprocess() and _run() in vllm/model_executor/models/registry.py: a "
    "failure there is told as 'Model architectures failed to be inspected'",
    remedy="let register() and the general plugins work in a process without engine and worker",
    checked="a copy of the process does what the inspection process does: it calls the general "
    "plugins, takes the question from standard input and looks into LlamaForCausalLM",
    seen_in="life",
)
COLLISION = Contract(
    id="patch.collision",
    profile=Profile.P1,
    title="No patch of the plugin's undoes another one",
    relied_on_by="the plugin itself: of two patches of one attribute that do not call each other, "
    "only the later has an effect",
    remedy="make one patch of the two, or let the later call the earlier",
    checked="each attribute of vLLM, torch and transformers that the plugin's lines set more than "
    "once; the later value has to lead to the earlier one, or to be made by the same code",
    seen_in="life",
)
SIGNATURE = Contract(
    id="patch.signature",
    profile=Profile.P1,
    title="A replacement accepts every call that the original accepts",
    relied_on_by="the callers of the patched function in vLLM and its libraries, who know the "
    "original",
    remedy="take the parameters of the original under their names, or *args and **kwargs",
    checked="the parameters of each patched function and method against those of the original",
    seen_in="life",
)
AGAIN = Contract(
    id="patch.repeat",
    profile=Profile.P1,
    title="Calling a plugin again does not patch its own patches",
    relied_on_by=_LOAD_GENERAL + ": may call it again; register() is called twice in any case",
    remedy="keep the original in the module, and patch only while the attribute is the original",
    checked="after every general entry point was called again, no patched attribute holds a second "
    "wrapper of the same code around the first",
    seen_in="life",
)

ALL = tuple(item for item in list(globals().values()) if isinstance(item, Contract))
