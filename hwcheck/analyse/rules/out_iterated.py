"""Loops of a plugin through what held several objects of vLLM, and is one object now."""

from collections.abc import Iterator

from hwcheck.analyse.comparison import Comparison
from hwcheck.analyse.entities import ClassEntity, Instance, Side
from hwcheck.analyse.kinds import Container
from hwcheck.analyse.rules.place import Mismatch, Spot, found
from hwcheck.analyse.rules.wording import last_name
from hwcheck.analyse.world import World
from hwcheck.model.finding import Finding
from hwcheck.model.use import Code

__all__ = ["iterated_objects"]

_GIVE_ITEMS = frozenset({"__iter__", "__getitem__", "__aiter__"})


def iterated_objects(comparison: Comparison, old: World, code: Code) -> Iterator[Finding]:
    """Find loops through an object of a host class that gives no items; it was a list, say."""
    for index, scope in enumerate(code.uses.scopes):
        for local in scope.locals:
            if local.how != "for" or not local.value:
                continue
            now = comparison.new.infer(code, index, local.value, local.line)
            if not isinstance(now, Instance) or _gives_items(comparison.new, now.of):
                continue
            before = old.infer(code, index, local.value, local.line)
            if not isinstance(before, Container):
                continue
            mismatch = Mismatch(
                rule="HW107",
                symbol=now.of.symbol,
                detail="items",
                plugin_side=f"loops through {local.value}",
                host_side=f"{last_name(local.value)} is one {now.of.facts.name}, without items",
                before=f"{last_name(local.value)} was a {before.symbol} of objects",
                where=comparison.new.host_line(now.of),
            )
            yield from found(comparison, Spot(code, local.line, index, local.guard), mismatch)


def _gives_items(world: World, cls: ClassEntity) -> bool:
    """Tell whether an object can be looped through, or whether that cannot be known."""
    mro = world.mro(cls)
    if cls.side is not Side.HOST or mro.is_open or _GIVE_ITEMS & world.inherited_names(cls):
        return True
    return any(
        world.own_member(item, name) is not None for item in mro.classes for name in _GIVE_ITEMS
    )
