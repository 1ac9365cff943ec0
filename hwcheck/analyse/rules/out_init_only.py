"""Fields of vLLM's dataclasses that became arguments of their constructors and nothing more."""

import re
from collections.abc import Iterator

from hwcheck.analyse.comparison import Comparison
from hwcheck.analyse.entities import ClassEntity, Entity, Instance, Member, Side, Step
from hwcheck.analyse.rules.chains import UsedChain, member_of
from hwcheck.analyse.rules.inheritance import same_class
from hwcheck.analyse.rules.place import Mismatch, found
from hwcheck.analyse.rules.wording import last_name
from hwcheck.analyse.world import World
from hwcheck.model.facts import Attribute
from hwcheck.model.finding import Finding, Severity

__all__ = ["init_only_reads"]

_INIT_ONLY = re.compile(r"(\w+\.)*InitVar\b")


def init_only_reads(
    comparison: Comparison, old: World, used: UsedChain, step: Step
) -> Iterator[Finding]:
    """Find reads of what only ``__init__`` and ``__post_init__`` get to see on the new host.

    With a default the class still has the name, so that the read gives the default whatever was
    passed; without one it raises AttributeError.
    """
    name = last_name(step.prefix)
    now = _init_only(comparison.new, step.container, name)
    if now is None or used.is_tested or not isinstance(step.container, Instance):
        return
    owner, field = now
    upper = same_class(old, step.container.of)
    before = member_of(old, Instance(upper), name) if upper else None
    if before is None or _init_only(old, Instance(before.owner), name) is not None:
        return
    told = "the default, whatever was passed" if field.has_default else "nothing"
    mismatch = Mismatch(
        rule="HW107",
        severity=Severity.WARNING if field.has_default else Severity.ERROR,
        symbol=f"{owner.symbol}.{name}",
        detail="argument only",
        plugin_side=f"reads {step.prefix}",
        host_side=f"{owner.facts.name} takes {name!r} as an argument only: a read gives {told}",
        before=f"field {owner.symbol}.{name}",
        where=comparison.new.host_line(owner),
    )
    for spot in used.spots():
        yield from found(comparison, spot, mismatch)


def _init_only(world: World, container: Entity, name: str) -> tuple[ClassEntity, Attribute] | None:
    """Give the field of a host class that is only an argument, and that nothing sets or defines."""
    member = member_of(world, container, name) if isinstance(container, Instance) else None
    if not isinstance(member, Member) or member.owner.side is not Side.HOST:
        return None
    attributes = [item for item in member.owner.facts.attributes if item.name == name]
    is_function = any(item.name == name for item in member.owner.facts.functions)
    if len(attributes) != 1 or is_function or world.is_stored(name, member.owner):
        return None
    found = attributes[0]
    is_only = not found.method and _INIT_ONLY.match(found.annotation)
    return (member.owner, found) if is_only else None
