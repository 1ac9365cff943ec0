"""The contracts of the suite: what vLLM relies on, who does, and what to do when it is broken."""

from hwcheck.model.contract import Contract, Profile
from hwcheck_conformance import (
    behaviour_contracts,
    family_contracts,
    life_contracts,
    model_contracts,
    operator_contracts,
    pair_contracts,
    parallel_contracts,
    part_contracts,
    refusal_contracts,
    sampling_contracts,
    scheduling_contracts,
    server_contracts,
    serving_contracts,
)

__all__ = ["ALL"]

_ACTIVATION = "resolve_current_platform_cls_qualname() in vllm/platforms/__init__.py"
_LOADER = "load_plugins_by_group() in vllm/plugins/__init__.py"
_PIP = "the user's installer; vLLM itself checks nothing"


def _p0(id: str, title: str, relied_on_by: str, remedy: str) -> Contract:
    return Contract(
        id=id, profile=Profile.P0, title=title, relied_on_by=relied_on_by, remedy=remedy
    )


def _p1(id: str, title: str, relied_on_by: str, remedy: str) -> Contract:
    return Contract(
        id=id, profile=Profile.P1, title=title, relied_on_by=relied_on_by, remedy=remedy
    )


METADATA = _p0(
    "install.metadata",
    "The plugin's metadata can be read and says one thing",
    _LOADER,
    "repair what is named, or remove the second installation",
)
REQUIREMENT = _p0(
    "install.requirement",
    "The environment satisfies what the plugin requires",
    _PIP,
    "install the version that is required, or correct the requirement",
)
HOST_PIN = _p0(
    "install.host-pin",
    "The plugin's requirement on vLLM contains the installed vLLM",
    _PIP,
    "install a release of the plugin that is made for this vLLM, or the vLLM that it names",
)
FILES = _p0(
    "install.files",
    "Every file that the installation recorded is there",
    "import of the plugin's modules",
    "install the plugin again (pip install --force-reinstall --no-deps)",
)
WHEEL_TAG = _p0(
    "install.wheel-tag",
    "The wheel that was installed is made for this interpreter and system",
    "import of the plugin's compiled modules",
    "install the wheel for this Python and platform, or build from source",
)
EXTENSION = _p0(
    "install.extension",
    "Every compiled file loads beside this torch",
    "import of the plugin's compiled modules, import_kernels()",
    "install the missing library, or a build of the plugin for this torch and Python",
)
COMPILED_MODULES = _p0(
    "install.compiled-modules",
    "The compiled modules of its own that the plugin imports are installed",
    "import of the plugin's compiled modules; where the plugin catches the failure, its own "
    "operators are missing without an error",
    "install a wheel that has them, or build the plugin from source",
)
ENTRY_POINT = _p0(
    "load.entry-point",
    "The entry point loads",
    _LOADER + ": a failure is logged and the plugin is left out",
    "make the module importable on its own, or correct the entry point in the packaging file",
)
CALLABLE = _p0(
    "load.callable",
    "The entry point is callable",
    _ACTIVATION + ": asserts it, and leaves the plugin out",
    "point the entry point at a function without required parameters",
)
CALL = _p0(
    "load.call",
    "Calling the entry point raises nothing and returns",
    _ACTIVATION
    + ": swallows an exception and falls back to another platform; "
    + "load_general_plugins() lets it stop every process",
    "catch what can go wrong and return None when the platform cannot be used",
)
ANSWER = _p0(
    "load.answer",
    "The platform entry point answers None or a class path",
    "resolve_obj_by_qualname() in vllm/utils: splits a string at its last dot",
    'return "package.module.Class" as a string, or None',
)
REENTRANT = _p0(
    "load.reentrant",
    "Called a second time, the platform entry point answers the same",
    _ACTIVATION + ": calls the chosen entry point once more, outside the try",
    "keep no state between the calls; guard what may be done only once",
)
CLASS_PATH = _p0(
    "load.class-path",
    "The class path that the entry point answers resolves",
    "resolve_obj_by_qualname() in vllm/utils",
    "correct the path, or repair the import of the module that it names",
)
INSTANTIATE = _p0(
    "load.instantiate",
    "The platform class can be instantiated without arguments",
    "__getattr__('current_platform') in vllm/platforms/__init__.py",
    "let __init__ take no arguments and touch no device",
)
ACTIVATE = _p0(
    "load.activate",
    "vLLM takes the plugin's platform for the current platform",
    "__getattr__('current_platform') in vllm/platforms/__init__.py",
    "see the reason: at the top level, platform modules may import only vllm.platforms, "
    "vllm.logger, vllm.envs, vllm.utils",
)
ABSENT_DEVICE = _p0(
    "load.absent-device",
    "Where its libraries are absent, the plugin answers None instead of failing",
    _ACTIVATION + ": whatever else is installed, an answer that fails to import breaks vLLM",
    "look for the vendor's library in the entry point and return None when it is not there",
)
OPT_OUT = _p0(
    "load.opt-out",
    "A plugin that VLLM_PLUGINS does not name stays out of the process",
    "VLLM_PLUGINS in vllm/envs.py, " + _LOADER,
    "remove what imports the plugin at interpreter start (.pth file, sitecustomize)",
)
UNIQUE_NAME = _p0(
    "load.unique-name",
    "No other plugin and no built-in platform has the entry point's name",
    _LOADER + ": the last of one name silently wins",
    "rename the entry point, or uninstall the other plugin",
)
EARLY_PLATFORM = _p0(
    "load.early-platform",
    "Loading and calling the entry points does not resolve the current platform",
    "__getattr__('current_platform') in vllm/platforms/__init__.py: is entered again while it "
    "is being answered",
    "import what reads current_platform later, inside the functions that need it",
)
DEVICE_CONTEXT = _p0(
    "load.device-context",
    "Loading and activating initialises no device",
    "the engine forks its workers after the frontend has loaded the plugin",
    "delay everything that touches the device to the worker's init_device()",
)
OUTPUT = _p0(
    "load.output",
    "Loading and activating writes nothing to standard output",
    "programs that read the output of vLLM's commands",
    "use a logger instead of print()",
)
ENVIRONMENT = _p0(
    "load.environment",
    "Loading and activating changes no environment variable unannounced",
    "every process that is started afterwards inherits them",
    "set the variable for the worker only, or announce it (--announce-env NAME)",
)
WRITES = _p0(
    "load.files",
    "Loading and activating writes no file",
    "read-only and shared home folders, containers",
    "write when the feature is used, into VLLM_CACHE_ROOT or a folder that the user names",
)
LEFTOVERS = _p0(
    "load.leftovers",
    "Loading and activating leaves no process and no thread behind",
    "the engine forks its workers; vLLM's processes are expected to end",
    "start threads and processes in the worker, and end them in its shutdown()",
)
SPAWN = Contract(
    id="load.spawn",
    profile=Profile.P0,
    title="A spawned process finds the same platform",
    relied_on_by="vllm/v1/engine/core.py and multiproc_executor.py: "
    "VLLM_WORKER_MULTIPROC_METHOD=spawn",
    remedy="make the entry point answer the same in every process, without state of the parent",
    seen_in="spawned",
)
FORK = _p0(
    "load.fork",
    "A forked process finds the same platform",
    "vllm/v1/executor/multiproc_executor.py: forks where no device is initialised",
    "start no threads and hold no locks when the plugin is loaded",
)
BASE = _p1(
    "platform.base",
    "The platform class derives from vLLM's Platform",
    "all of vLLM: members that a class of its own lacks are missing without a word",
    "derive from vllm.platforms.interface.Platform",
)
MEMBER = _p1(
    "platform.member",
    "The member is there, is of the kind that vLLM uses, and gives a value of the right type",
    "the readers of current_platform; `hwcheck explain platform.member` lists them",
    "define it as the host's Platform does (kind and type are in the reason)",
)
OVERRIDE = _p1(
    "platform.override",
    "A member whose inherited form is unusable is defined by the plugin",
    "every start of vLLM on an out-of-tree platform",
    "define it in the platform class",
)
SIGNATURE = _p1(
    "platform.signature",
    "The method accepts the call that vLLM makes",
    "the callers of current_platform; the reason shows the call",
    "take the parameters of the host's Platform; add **kwargs where plugins serve several hosts",
)
DEVICE = _p1(
    "platform.device",
    "torch understands the platform's device",
    "DeviceConfig in vllm/config/device.py, GroupCoordinator in "
    "vllm/distributed/parallel_state.py: build torch.device() of them",
    "use a torch device type, or register one (torch.utils.rename_privateuse1_backend)",
)
DTYPE = _p1(
    "platform.dtype",
    "Tensors of a supported dtype can be made and multiplied on the device",
    "_resolve_auto_dtype() in vllm/config/model.py: takes the first supported dtype",
    "remove the dtype from supported_dtypes, or make it work",
)
CLASS_PATH_OF = _p1(
    "platform.class-path",
    "The class path that the platform answers resolves to a class of the right base",
    "resolve_obj_by_qualname() in vllm/utils, called where the class is needed",
    "correct the path, or derive the class from the base in the reason",
)
CONCRETE = _p1(
    "platform.concrete",
    "The class that the platform names can be constructed as vLLM does it",
    "vLLM instantiates it when the feature is used",
    "fill the abstract members and take the arguments in the reason",
)
WORKER_BASE = _p1(
    "worker.base",
    "check_and_update_config sets a worker class that derives from WorkerBase",
    "WorkerWrapperBase.init_worker() in vllm/v1/worker/worker_base.py",
    "set parallel_config.worker_cls to a class path when it is 'auto'; tolerate a configuration "
    "without a model",
)
WORKER_METHOD = _p1(
    "worker.method",
    "The worker has the method that the engine calls by name",
    "collective_rpc() in vllm/v1/executor: calls workers by method name",
    "define the method in the worker class",
)

ALL = (
    *(item for item in list(globals().values()) if isinstance(item, Contract)),
    *behaviour_contracts.ALL,
    *life_contracts.ALL,
    *model_contracts.ALL,
    *refusal_contracts.ALL,
    *operator_contracts.ALL,
    *part_contracts.ALL,
    *serving_contracts.ALL,
    *sampling_contracts.ALL,
    *scheduling_contracts.ALL,
    *family_contracts.ALL,
    *pair_contracts.ALL,
    *server_contracts.ALL,
    *parallel_contracts.ALL,
)
