"""What rules ask about inheritance across the boundary between plugin and host."""

from functools import lru_cache

from hwcheck.analyse.comparison import Comparison
from hwcheck.analyse.entities import ClassEntity, External, FunctionEntity, ModuleEntity, Side
from hwcheck.analyse.outside import names_of
from hwcheck.analyse.patches import patches
from hwcheck.analyse.world import World

__all__ = ["is_as_open", "is_from_host", "is_overridden", "is_patched", "same_class"]


def is_from_host(world: World, cls: ClassEntity) -> bool:
    """Whether a class is the host's, or inherits from one of the host."""
    return any(item.side is Side.HOST for item in world.mro(cls).classes)


def is_as_open(comparison: Comparison, cls: ClassEntity) -> bool:
    """Whether a class has no unseen bases that it did not have on the old host.

    What is gone from the host's classes can then not have moved into an unseen one.
    """
    if comparison.old is None:
        return False
    before = same_class(comparison.old, cls)
    return before is not None and _unseen_bases(comparison.new, cls) <= _unseen_bases(
        comparison.old, before
    )


def same_class(world: World, cls: ClassEntity) -> ClassEntity | None:
    """Find the class of the same name in another world."""
    entity = world.resolve_path(cls.symbol)
    return entity if isinstance(entity, ClassEntity) else None


def is_overridden(world: World, function: FunctionEntity) -> bool:
    """Whether classes of the plugin put something of their own in a method's place."""
    owner, name = function.owner, function.facts.name
    return owner is not None and any(
        world.own_member(cls, name) is not None for cls in world.subclasses(owner)
    )


def is_patched(
    world: World, entity: FunctionEntity | ClassEntity, *, is_inherited: bool = False
) -> bool:
    """Whether the plugin puts something of its own in the place of a function or a class.

    What a class of the plugin inherits is not replaced with the class that it is inherited from.
    """
    patched = _patched(world)
    owner = entity.owner if isinstance(entity, FunctionEntity) else None
    if isinstance(entity, ClassEntity):
        return entity.symbol in patched or f"{entity.symbol}.__init__" in patched
    is_around = owner is not None and not is_inherited and owner.symbol in patched
    return entity.symbol in patched or is_around


@lru_cache(maxsize=2)
def _patched(world: World) -> frozenset[str]:
    symbols: set[str] = set()
    for patch in patches(world):
        symbols.add(patch.symbol)
        if isinstance(patch.container, ModuleEntity):
            was = world.lookup(patch.container.name, patch.name)
            if isinstance(was, ClassEntity | FunctionEntity):
                symbols.add(was.symbol)
    return frozenset(symbols)


def _unseen_bases(world: World, cls: ClassEntity) -> frozenset[str]:
    """Name the bases that cannot be seen into: by what they are, else by what is written where."""
    found: set[str] = set()
    for item in world.mro(cls).classes:
        for base in item.facts.bases:
            entity = world.value_in(item.module, base)
            if isinstance(entity, External):
                found.update(() if names_of(entity.symbol) is not None else (entity.symbol,))
            elif not isinstance(entity, ClassEntity):
                found.add(f"{item.facts.name}({base})")
    return frozenset(found)
