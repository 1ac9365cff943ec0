"""Members that vLLM has begun to call and that its own class only refuses."""

from collections.abc import Iterator
from dataclasses import replace

from hwcheck.analyse.comparison import Comparison
from hwcheck.analyse.entities import ClassEntity, FunctionEntity, Member, Side
from hwcheck.analyse.evidence import Standing, Target, bound_signature, standing
from hwcheck.analyse.instantiated import handed_over
from hwcheck.analyse.overrides import Derived, derived
from hwcheck.analyse.rules.inheritance import same_class
from hwcheck.analyse.rules.place import Mismatch, Spot, found
from hwcheck.analyse.world import World
from hwcheck.hosts.host_facts import LocatedCall
from hwcheck.model.finding import Finding, Location, Severity

__all__ = ["refused_members"]

_TELLING = (Standing.SURE, Standing.LIKELY)


def refused_members(comparison: Comparison) -> Iterator[Finding]:
    """Find what a class inherits that raises NotImplementedError, and did not on the old host.

    Without an old host nothing is told: much of what vLLM's classes refuse is never asked for.
    """
    world, old = comparison.new, comparison.old
    if old is None:
        return
    for one in derived(world):
        if one.cls.symbol not in handed_over(world):
            continue
        for member in _refused(world, one.cls):
            if _was_refused(old, one.cls, member.facts.name) or not _is_expected(world, member):
                continue
            call = _call(world, one.cls, member)
            if call is not None:
                yield from _finding(comparison, one, member, call)


def _refused(world: World, cls: ClassEntity) -> Iterator[FunctionEntity]:
    """Find the members that a class of the plugin has from a host class which refuses them."""
    names = {
        function.name
        for item in world.mro(cls).classes
        if item.side is Side.HOST
        for function in item.facts.functions
        if function.refuses and not function.is_abstract
    }
    for name in sorted(names):
        entity = _entity(world, cls, name)
        if (
            entity is not None
            and entity.side is Side.HOST
            and entity.facts.refuses
            and not world.is_stored(name)
        ):
            yield entity


def _was_refused(old: World, cls: ClassEntity, name: str) -> bool:
    """Tell whether the old host refused it too, or whether that cannot be known."""
    before = same_class(old, cls)
    if before is None:
        return True
    entity = _entity(old, before, name)
    return entity is not None and entity.facts.refuses


def _is_expected(world: World, member: FunctionEntity) -> bool:
    """Tell whether all of vLLM's own classes beside the refusing one's define the member.

    What only some of them have belongs to some kinds of hardware.
    """
    owner, name = member.owner, member.facts.name
    if owner is None:
        return False
    heirs = _heirs(world, owner)
    return bool(heirs) and all(world.own_member(heir, name) is not None for heir in heirs)


def _heirs(world: World, owner: ClassEntity) -> tuple[ClassEntity, ...]:
    """Find the classes that inherit directly from a host class, in the modules beside its own."""
    own = owner.module.name
    package = own.rpartition(".")[0]
    names = [name for name in world.host.module_names() if name.rpartition(".")[0] == package]
    found = []
    for name in sorted(set(names) - {own}):
        module = world.host.module(name)
        for facts in module.classes if module else ():
            cls = world.resolve_path(f"{name}.{facts.name}")
            if isinstance(cls, ClassEntity) and _parent(world, cls) == owner.symbol:
                found.append(cls)
    return tuple(found)


def _parent(world: World, cls: ClassEntity) -> str:
    classes = world.mro(cls).classes
    return classes[1].symbol if len(classes) > 1 else ""


def _entity(world: World, cls: ClassEntity, name: str) -> FunctionEntity | None:
    member = world.member(cls, name, instance=False)
    entity = member.entity if isinstance(member, Member) else None
    return entity if isinstance(entity, FunctionEntity) else None


def _call(world: World, cls: ClassEntity, member: FunctionEntity) -> LocatedCall | None:
    """Find a call in vLLM that reaches the member in objects of the class."""
    name, host = member.facts.name, bound_signature(world, member)
    if host is None:
        return None
    for call in world.host.calls_of({name})[name]:
        if standing(world, Target(cls, name), host, call) in _TELLING:
            return call
    return None


def _finding(
    comparison: Comparison, one: Derived, member: FunctionEntity, call: LocatedCall
) -> Iterator[Finding]:
    world, name = comparison.new, member.facts.name
    mismatch = Mismatch(
        rule="HW305",
        symbol=member.symbol,
        plugin_side=f"class {one.cls.facts.name} does not define {name!r}",
        host_side=(
            f"{member.symbol}{world.signature_text(member)} only raises NotImplementedError, "
            f"and {call.site.scope or call.module}() calls it"
        ),
        detail=name,
        where=world.host_line(member),
        severity=Severity.WARNING,
        fix=f"define {name}{world.signature_text(member)} in {one.cls.facts.name}",
    )
    spot = Spot(one.code, one.code.module.line_of(one.cls.facts.name), one.scope)
    for finding in found(comparison, spot, mismatch):
        yield replace(finding, evidence=Location(path=call.path, line=call.line))
