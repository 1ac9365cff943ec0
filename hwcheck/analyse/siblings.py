"""What vLLM's own classes beside those of a plugin make of a call: a control within the host."""

from collections.abc import Iterator
from dataclasses import replace
from functools import lru_cache

from hwcheck.analyse.binding import Shape, bind, signature_of
from hwcheck.analyse.entities import ClassEntity, FunctionEntity, Member, Side
from hwcheck.analyse.world import World

__all__ = ["fails_on_siblings"]


def fails_on_siblings(
    world: World, cls: ClassEntity, owner: ClassEntity, name: str, shape: Shape
) -> bool:
    """Tell whether a call that `owner` makes on itself fails on all classes like the plugin's.

    They are those that vLLM derives from the same class below the owner. A call that none of them
    takes is made on objects of another kind: workers of the former engine, say.
    """
    nearest = next((item for item in world.mro(cls).classes if item.side is Side.HOST), None)
    if nearest is None or nearest.symbol == owner.symbol:
        return False
    fits = [
        bind(signature, shape).fits
        for member in _own_members(world, nearest, name)
        if (signature := signature_of(world, replace(member, is_bound=True))) is not None
    ]
    return bool(fits) and not any(fits)


def _own_members(world: World, base: ClassEntity, name: str) -> Iterator[FunctionEntity]:
    for sibling in _siblings(world, base):
        member = world.own_member(sibling, name)
        if isinstance(member, Member) and isinstance(member.entity, FunctionEntity):
            yield member.entity


@lru_cache(maxsize=4)
def _siblings(world: World, base: ClassEntity) -> tuple[ClassEntity, ...]:
    """Find the host's classes that are derived from a class, in the package that it is in."""
    package = base.module.name.rpartition(".")[0]
    found = []
    for name in sorted(world.host.module_names()):
        module = world.host.module(name) if name.rpartition(".")[0] == package else None
        for facts in module.classes if module else ():
            cls = world.class_entity(module, facts) if module else None
            if cls is not None and cls.symbol != base.symbol and base in world.mro(cls).classes:
                found.append(cls)
    return tuple(found)
