"""Values that inference knows more of than rules need: containers and what ``super()`` gives."""

from dataclasses import dataclass

from hwcheck.analyse.entities import ClassEntity, Entity, External, Missing, Unknown, Value

__all__ = ["UNKNOWN", "Ancestors", "Container", "ContainerMethod", "is_end", "unite"]

#: The one that is handed out.
UNKNOWN = Unknown()


@dataclass(frozen=True, slots=True)
class Container(Value):
    """A value of a generic type of the standard library: ``list[X]``, ``Iterator[X]``."""

    arguments: tuple[Entity, ...] = ()


@dataclass(frozen=True, slots=True)
class ContainerMethod(Value):
    """A method of a container, not yet called."""

    container: Container
    name: str


@dataclass(frozen=True, slots=True)
class Ancestors(Value):
    """What ``super()`` gives in a method of a class."""

    of: ClassEntity
    is_instance: bool


def is_end(entity: Entity) -> bool:
    """Tell whether a walk ends here."""
    return isinstance(entity, Missing | Unknown | External)


def unite(entities: list[Entity]) -> Entity:
    """Give the one thing that all agree in; ``None`` values do not count."""
    known = [item for item in entities if item != NOTHING]
    if not known:
        return NOTHING if entities else UNKNOWN
    first = known[0]
    return first if all(item == first for item in known[1:]) else UNKNOWN


#: The value ``None``.
NOTHING = External("builtins.None")
