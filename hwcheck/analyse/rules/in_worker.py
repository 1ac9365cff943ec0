"""Members that vLLM calls on an object of the plugin and that its class does not have."""

from collections.abc import Iterator, Mapping
from dataclasses import replace

from hwcheck.analyse.comparison import Comparison
from hwcheck.analyse.entities import ClassEntity, FunctionEntity, Side
from hwcheck.analyse.instantiated import handed_over
from hwcheck.analyse.overrides import Derived, derived
from hwcheck.analyse.rule import Rule
from hwcheck.analyse.rules.in_abstract import unseen_bases
from hwcheck.analyse.rules.place import Mismatch, Spot, found
from hwcheck.analyse.rules.stand_ins import missing_on_stand_ins
from hwcheck.analyse.world import World
from hwcheck.hosts.host_facts import LocatedCall
from hwcheck.model.finding import Finding, Location, Severity

__all__ = ["RULES"]

_WORKER_BASES = frozenset({"WorkerBase"})
_BASE = "vllm.v1.worker.worker_base.WorkerBase"
_IN_TREE = "vllm.v1.worker.gpu_worker.Worker"
_EXECUTOR = "vllm.v1.executor.abstract.Executor"
_BY_NAME = "collective_rpc"


def _missing_members(comparison: Comparison) -> Iterator[Finding]:
    yield from _missing_on_workers(comparison)
    yield from missing_on_stand_ins(comparison)


def _missing_on_workers(comparison: Comparison) -> Iterator[Finding]:
    world = comparison.new
    contract = _contract(world)
    known = _contract(comparison.old) if comparison.old else contract
    for one in derived(world):
        if one.cls.symbol not in handed_over(world) or unseen_bases(world, one.cls):
            continue
        if not any(item.facts.name in _WORKER_BASES for item in one.bases):
            continue
        for name, call in sorted(contract.items()):
            if not _has(world, one.cls, name):
                severity = Severity.NOTE if name in known else Severity.WARNING
                yield from _finding(comparison, one, (name, severity), call)


def _finding(
    comparison: Comparison, one: Derived, missing: tuple[str, Severity], call: LocatedCall
) -> Iterator[Finding]:
    world = comparison.new
    name, severity = missing
    in_tree = _method(world, _IN_TREE, name)
    offered = f"{in_tree.symbol}{world.signature_text(in_tree)}" if in_tree else name
    line = one.code.module.line_of(one.cls.facts.name)
    mismatch = Mismatch(
        rule="HW308",
        symbol=f"{_IN_TREE}.{name}" if in_tree else f"{_BASE}.{name}",
        plugin_side=f"worker {one.cls.facts.name} has no {name!r}",
        host_side=f"{call.site.scope}() in {call.path} calls {offered} on workers by its name",
        detail=name,
        where=world.host_line(in_tree) if in_tree else None,
        severity=severity,
    )
    spot = Spot(one.code, line, one.scope)
    for finding in found(comparison, spot, mismatch):
        yield _with_call(finding, call)


def _with_call(finding: Finding, call: LocatedCall) -> Finding:
    return replace(finding, evidence=Location(path=call.path, line=call.line))


def _contract(world: World) -> Mapping[str, LocatedCall]:
    """Tell what vLLM's executor calls on a worker by name, with the call that shows it.

    The executor hands names to ``collective_rpc`` in methods of the same names. What vLLM's own
    worker does not have either is no member of a worker.
    """
    in_tree = world.resolve_path(_IN_TREE)
    if not isinstance(in_tree, ClassEntity):
        return {}
    members = {
        function.name
        for item in world.mro(in_tree).classes
        if item.side is Side.HOST
        for function in item.facts.functions
        if not function.name.startswith("_")
    }
    module, _, executor = _EXECUTOR.rpartition(".")
    contract: dict[str, LocatedCall] = {}
    for call in world.host.calls_of({_BY_NAME})[_BY_NAME]:
        owner, _, method = call.site.scope.rpartition(".")
        if call.module == module and owner == executor:
            for name in (method, method.removesuffix("s")):
                if name in members:
                    contract.setdefault(name, call)
    return contract


def _has(world: World, cls: ClassEntity, name: str) -> bool:
    for item in world.mro(cls).classes:
        for function in item.facts.functions:
            if function.name == name and not (item.side is Side.HOST and function.refuses):
                return True
        if any(attribute.name == name for attribute in item.facts.attributes):
            return True
    return world.is_stored(name)


def _method(world: World, cls: str, name: str) -> FunctionEntity | None:
    entity = world.resolve_path(f"{cls}.{name}")
    return entity if isinstance(entity, FunctionEntity) else None


RULES = (
    Rule(
        id="HW308",
        title="A member that vLLM calls on an object of the plugin is missing",
        severity=Severity.WARNING,
        explanation=(
            "vLLM's executor calls workers by the name of a method, as a string. The base class "
            "does not declare all of them, so that a worker without one is found out only when "
            "the call arrives. Some are called only when a feature is used, so that a member which "
            "the old host called too, or one without an old host to compare with, is a note. The "
            "same holds for a class without bases of vLLM whose object the plugin keeps in an "
            "attribute that vLLM's class fills with an object of its own: the methods that the "
            "plugin inherits call on it what vLLM's object has."
        ),
        remedy="Define the method as vLLM's own class does, or raise a clear error in it.",
        bad="class XWorker(WorkerBase):  # without determine_available_memory\n    ...\n",
        good=("class XWorker(WorkerBase):\n    def determine_available_memory(self) -> int: ...\n"),
        find=_missing_members,
    ),
)
