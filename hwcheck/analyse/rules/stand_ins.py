"""Members that vLLM calls on an object which the plugin puts in an inherited attribute."""

from collections.abc import Iterator
from dataclasses import replace
from typing import NamedTuple

from hwcheck.analyse.comparison import Comparison
from hwcheck.analyse.entities import ClassEntity, FunctionEntity, Instance, Member, Side
from hwcheck.analyse.overrides import Derived, derived
from hwcheck.analyse.receivers import caller_of
from hwcheck.analyse.rules.place import Mismatch, Spot, found, merged
from hwcheck.analyse.world import World
from hwcheck.hosts.host_facts import LocatedCall
from hwcheck.model.finding import Finding, Location, Severity

__all__ = ["missing_on_stand_ins"]


class _StandIn(NamedTuple):
    """A class of the plugin whose object stands where vLLM's class has one of its own."""

    holder: Derived
    attribute: str
    own: ClassEntity
    original: ClassEntity


def missing_on_stand_ins(comparison: Comparison) -> Iterator[Finding]:
    """Find methods that inherited code calls on such an object, and that its class lacks."""
    return merged(_missing(comparison))


def _missing(comparison: Comparison) -> Iterator[Finding]:
    world = comparison.new
    for one in _stand_ins(world):
        lacking = {
            function.name: world.method_entity(item, function)
            for item in reversed(world.mro(one.original).classes)
            for function in item.facts.functions
            if not _has(world, one.own, function.name)
        }
        calls = world.host.calls_of(set(lacking))
        for name in sorted(lacking):
            call = next((call for call in calls[name] if _is_inherited(world, one, call)), None)
            if call is not None:
                yield from _finding(comparison, one, lacking[name], call)


def _stand_ins(world: World) -> Iterator[_StandIn]:
    for holder in derived(world):
        for attribute in holder.cls.facts.attributes:
            member = world.own_member(holder.cls, attribute.name) if attribute.method else None
            if member is None or not isinstance(member.entity, Instance):
                continue
            own = member.entity.of
            was = world.bases_member(holder.cls, attribute.name, instance=True)
            if not isinstance(was, Member) or not isinstance(was.entity, Instance):
                continue
            if was.entity.of.side is Side.HOST and _is_own(world, own):
                yield _StandIn(holder, attribute.name, own, was.entity.of)


def _is_own(world: World, cls: ClassEntity) -> bool:
    """Whether all that a class has is said in the plugin."""
    mro = world.mro(cls)
    return not mro.is_open and all(item.side is Side.PLUGIN for item in mro.classes)


def _has(world: World, cls: ClassEntity, name: str) -> bool:
    is_special = name.startswith("__")
    return (
        is_special
        or isinstance(world.member(cls, name, instance=True), Member)
        or world.is_stored(name, cls)
    )


def _is_inherited(world: World, one: _StandIn, call: LocatedCall) -> bool:
    """Whether a call is made on the attribute, by a method that the holder does not override."""
    if call.site.receiver != f"self.{one.attribute}":
        return False
    caller = caller_of(world, call)
    if caller is None or caller.cls not in one.holder.bases or caller.function is None:
        return False
    member = world.member(one.holder.cls, caller.function.name, instance=True)
    return isinstance(member, Member) and member.owner is caller.cls


def _finding(
    comparison: Comparison, one: _StandIn, method: FunctionEntity, call: LocatedCall
) -> Iterator[Finding]:
    world, name = comparison.new, method.facts.name
    code = next(
        item for item in world.plugin.files.values() if item.module.name == one.own.module.name
    )
    mismatch = Mismatch(
        rule="HW308",
        severity=Severity.WARNING,
        symbol=f"{one.original.symbol}.{name}",
        detail=one.own.facts.name,
        plugin_side=(
            f"class {one.own.facts.name} has no {name!r}; "
            f"{one.holder.cls.facts.name} keeps an object of it as {one.attribute!r}"
        ),
        host_side=(
            f"{call.site.scope}() calls {method.symbol}{world.signature_text(method)} "
            f"on self.{one.attribute}"
        ),
        where=world.host_line(method),
        fix=f"define {name}{world.signature_text(method)} in {one.own.facts.name}",
    )
    spot = Spot(code, one.own.module.line_of(one.own.facts.name))
    for finding in found(comparison, spot, mismatch):
        yield replace(finding, evidence=Location(path=call.path, line=call.line))
