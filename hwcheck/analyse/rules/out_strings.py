"""Names that a plugin gives as text: HW501 to HW505."""

from collections.abc import Iterable, Iterator

from hwcheck.analyse.comparison import Comparison
from hwcheck.analyse.entities import (
    ClassEntity,
    Entity,
    FunctionEntity,
    Missing,
    ModuleEntity,
    Side,
)
from hwcheck.analyse.rule import Rule
from hwcheck.analyse.rules.class_paths import (
    ENVIRONMENT,
    inherits,
    is_asked_for,
    is_path,
    owned_by_host,
    resolve,
    slot_of,
    variables_of,
    wanted_base,
)
from hwcheck.analyse.rules.moved import fix_for_name, nearest_name
from hwcheck.analyse.rules.place import Mismatch, Spot, found, merged
from hwcheck.analyse.rules.wording import last_name
from hwcheck.model.finding import Finding, Location, Severity
from hwcheck.model.use import Argument, Call, Code, Text

__all__ = ["RULES"]

_MISSPELT = 0.93
_PREFIX = "VLLM_"


def find_dead_paths(comparison: Comparison) -> Iterable[Finding]:
    """Find class paths that lead nowhere (HW501)."""
    return merged(
        finding
        for code, text in _paths(comparison)
        for finding in _dead_path(comparison, code, text)
    )


def find_wrong_bases(comparison: Comparison) -> Iterable[Finding]:
    """Find class paths that name a class of another base than vLLM needs (HW502)."""
    return merged(
        finding
        for code, text in _paths(comparison)
        for finding in _wrong_base(comparison, code, text)
    )


def find_dead_entry_points(comparison: Comparison) -> Iterable[Finding]:
    """Find entry points that name nothing (HW503)."""
    return merged(_dead_entry_points(comparison))


def find_unknown_variables(comparison: Comparison) -> Iterable[Finding]:
    """Find environment variables of vLLM that it does not know (HW504)."""
    return merged(
        finding
        for code in comparison.plugin.files.values()
        for text in code.uses.texts
        if text.role == "environment" and text.text.startswith(_PREFIX)
        for finding in _unknown_variable(comparison, code, text)
    )


def find_dead_registrations(comparison: Comparison) -> Iterable[Finding]:
    """Find registrations of what is not there (HW505)."""
    return merged(
        finding
        for code in comparison.plugin.files.values()
        for call in code.uses.calls
        if _is_registration(call)
        for finding in _dead_registration(comparison, code, call)
    )


# Class paths


def _paths(comparison: Comparison) -> Iterator[tuple[Code, Text]]:
    for code in comparison.plugin.files.values():
        for text in code.uses.texts:
            if is_path(comparison.plugin, text.text):
                yield code, text


def _dead_path(comparison: Comparison, code: Code, text: Text) -> Iterator[Finding]:
    missing = resolve(comparison.new, text.text)
    if not isinstance(missing, Missing) or _is_registered_text(text):
        return
    is_before = _was_there(comparison, text.text)
    slot = slot_of(comparison.plugin, code, text)
    if not slot and not is_before:
        return
    if not is_asked_for(comparison.new, code, text, slot):
        return
    module, _, name = text.text.replace(":", ".").rpartition(".")
    yield from found(
        comparison,
        Spot(code, text.line, text.scope, text.guard),
        Mismatch(
            rule="HW501",
            severity=Severity.ERROR if slot else Severity.WARNING,
            symbol=text.text.replace(":", "."),
            detail=slot,
            plugin_side=f"names {text.text!r}" + (f" for {slot}" if slot else ""),
            host_side=f"there is no {missing.symbol}",
            before="it was there" if is_before else None,
            fix=fix_for_name(comparison, module, name) if owned_by_host(text.text) else None,
        ),
    )


def _was_there(comparison: Comparison, path: str) -> bool:
    if comparison.old is None:
        return False
    before = resolve(comparison.old, path)
    return isinstance(before, ClassEntity | FunctionEntity | ModuleEntity)


def _is_registered_text(text: Text) -> bool:
    """Whether HW505 looks at it, with the call that it is an argument of."""
    return text.role == "argument" and last_name(text.subject).startswith("register")


def _wrong_base(comparison: Comparison, code: Code, text: Text) -> Iterator[Finding]:
    world = comparison.new
    slot = slot_of(comparison.plugin, code, text)
    base = wanted_base(world, slot)
    cls = resolve(world, text.text) if base else None
    if base is None or not isinstance(cls, ClassEntity) or inherits(world, cls, base):
        return
    yield from found(
        comparison,
        Spot(code, text.line, text.scope, text.guard),
        Mismatch(
            rule="HW502",
            severity=Severity.WARNING,
            symbol=base,
            detail=text.text,
            plugin_side=f"names {text.text!r} for {slot}",
            host_side=f"{slot} names a class that inherits from {base}",
        ),
    )


# Entry points


def _dead_entry_points(comparison: Comparison) -> Iterator[Finding]:
    world = comparison.new
    for point in comparison.plugin.entry_points:
        target = resolve(world, point.value)
        if not isinstance(target, Missing) or target.side is not Side.PLUGIN:
            continue
        yield Finding(
            rule="HW503",
            severity=Severity.ERROR,
            where=Location(path=_nearest_file(comparison, point.value), line=1),
            symbol=f"{point.group}:{point.name}",
            subject=point.value,
            plugin_side=f"entry point {point.name!r} of {point.group!r} is {point.value!r}",
            host_side=f"vLLM loads it, but there is no {target.symbol}",
        )


def _nearest_file(comparison: Comparison, value: str) -> str:
    """Name the file that the value speaks of, or the nearest package around it."""
    module = value.partition(":")[0].strip()
    while module:
        code = comparison.plugin.files.get(module)
        if code is not None:
            return code.module.path
        module = module.rpartition(".")[0]
    return value.partition(":")[0].replace(".", "/")


# Environment variables


def _unknown_variable(comparison: Comparison, code: Code, text: Text) -> Iterator[Finding]:
    known = variables_of(comparison.new.host)
    if not known or text.text in known:
        return
    was_known = comparison.old is not None and text.text in variables_of(comparison.old.host)
    near = nearest_name(text.text, sorted(known), alike=_MISSPELT)
    if not was_known and near is None:
        return
    yield from found(
        comparison,
        Spot(code, text.line, text.scope, text.guard),
        Mismatch(
            rule="HW504",
            severity=Severity.NOTE,
            symbol=f"{ENVIRONMENT}.{text.text}",
            plugin_side=f"uses the environment variable {text.text}",
            host_side=f"{ENVIRONMENT} has no {text.text}",
            before=f"{ENVIRONMENT} had it" if was_known else None,
            fix=near,
        ),
    )


# Registrations


def _is_registration(call: Call) -> bool:
    return last_name(call.callee).startswith("register")


def _dead_registration(comparison: Comparison, code: Code, call: Call) -> Iterator[Finding]:
    for path, missing in _missing_arguments(comparison, call.arguments):
        was_there = _was_there(comparison, path)
        module, _, name = path.replace(":", ".").rpartition(".")
        yield from found(
            comparison,
            Spot(code, call.line, call.scope, call.guard),
            Mismatch(
                rule="HW505",
                symbol=path.replace(":", "."),
                plugin_side=f"registers {path!r} with {call.callee}",
                host_side=f"there is no {missing.symbol}",
                before="it was there" if was_there else None,
                fix=fix_for_name(comparison, module, name) if owned_by_host(path) else None,
            ),
        )


def _missing_arguments(
    comparison: Comparison, arguments: tuple[Argument, ...]
) -> Iterator[tuple[str, Missing]]:
    """Find the paths among the arguments that lead nowhere.

    A module and the name of a class may be given as two arguments in a row.
    """
    module = ""
    for argument in arguments:
        path = ""
        if is_path(comparison.plugin, argument.text):
            path = argument.text
        elif module and argument.text[:1].isupper() and argument.text.isidentifier():
            path = f"{module}.{argument.text}"
        module = ""
        if path:
            entity: Entity = resolve(comparison.new, path)
            module = path if isinstance(entity, ModuleEntity) else ""
            if isinstance(entity, Missing):
                yield path, entity


RULES = (
    Rule(
        id="HW501",
        title="a class path leads nowhere",
        severity=Severity.ERROR,
        explanation=(
            "The plugin gives vLLM the dotted path of a class as text: a method of the platform "
            "returns it, or it is put into a setting such as worker_cls. vLLM imports it later, "
            "and that fails: the module or the class is not there. A path that is used otherwise "
            "is a warning, and only when the host of before had what it names."
        ),
        remedy="Write the path of where the class is now.",
        bad='config.worker_cls = "acme.worker.OldWorker"',
        good='config.worker_cls = "acme.worker.Worker"',
        find=find_dead_paths,
    ),
    Rule(
        id="HW502",
        title="a class path names a class of the wrong base",
        severity=Severity.WARNING,
        explanation=(
            "The class is there, but it does not inherit from the class of vLLM that this place "
            "is meant for, so that members which vLLM relies on are missing."
        ),
        remedy="Inherit from the base, or name another class.",
        bad='def get_attn_backend_cls(cls): return "acme.attention.Metadata"',
        good='def get_attn_backend_cls(cls): return "acme.attention.Backend"',
        find=find_wrong_bases,
    ),
    Rule(
        id="HW503",
        title="an entry point names nothing",
        severity=Severity.ERROR,
        explanation=(
            "vLLM loads the entry points of every installed plugin when it starts. This one names "
            "a module or function that the plugin does not have."
        ),
        remedy="Correct the entry point in the plugin's metadata.",
        bad='acme = "acme:registr"',
        good='acme = "acme:register"',
        find=find_dead_entry_points,
    ),
    Rule(
        id="HW504",
        title="an environment variable that vLLM does not know",
        severity=Severity.NOTE,
        explanation=(
            "The plugin reads or sets an environment variable of vLLM that vllm.envs does not "
            "have: it had it on the host of before, or has one that differs by a letter or two. "
            "Setting it has no effect."
        ),
        remedy="Use the variable or the setting that replaced it.",
        bad='os.environ["VLLM_REMOVED_SWITCH"] = "1"',
        good='os.environ["VLLM_KEPT_SWITCH"] = "1"',
        find=find_unknown_variables,
    ),
    Rule(
        id="HW505",
        title="something is registered with vLLM that is not there",
        severity=Severity.ERROR,
        explanation=(
            "The plugin registers a class with vLLM by its path, in one text or as module and "
            "name. vLLM imports it when it is first needed, and that fails."
        ),
        remedy="Register the path of where the class is.",
        bad='ModelRegistry.register_model("Acme", "acme.models:Gone")',
        good='ModelRegistry.register_model("Acme", "acme.models:AcmeModel")',
        find=find_dead_registrations,
    ),
)
