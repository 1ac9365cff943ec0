"""What a name can stand for: the answers of the `World`."""

from dataclasses import dataclass
from enum import StrEnum
from typing import TypeAlias

from hwcheck.model.facts import Class, Function, Module

__all__ = [
    "Absence",
    "ClassEntity",
    "Entity",
    "External",
    "FunctionEntity",
    "Instance",
    "Member",
    "Missing",
    "ModuleEntity",
    "Mro",
    "Side",
    "Step",
    "Unknown",
    "Value",
]


class Side(StrEnum):
    """Whose code it is."""

    PLUGIN = "plugin"
    HOST = "host"


@dataclass(frozen=True, slots=True)
class ModuleEntity:
    """A module; without facts when it is compiled or a package without ``__init__``."""

    name: str
    side: Side
    facts: Module | None = None


@dataclass(frozen=True, slots=True, eq=False)
class ClassEntity:
    """A class itself (not an instance of it)."""

    module: Module
    facts: Class
    side: Side

    @property
    def symbol(self) -> str:
        """Its dotted name with the module."""
        return f"{self.module.name}.{self.facts.name}"


@dataclass(frozen=True, slots=True, eq=False)
class FunctionEntity:
    """A function, or a method with the class that defines it."""

    module: Module
    facts: Function
    side: Side
    owner: ClassEntity | None = None
    is_bound: bool = False
    """The receiver is already given."""

    @property
    def symbol(self) -> str:
        """Its dotted name with module and class."""
        return f"{self.owner.symbol if self.owner else self.module.name}.{self.facts.name}"


@dataclass(frozen=True, slots=True)
class Instance:
    """An object of a class."""

    of: ClassEntity


@dataclass(frozen=True, slots=True)
class Value:
    """Something that is there, of which no more is known."""

    symbol: str
    side: Side


@dataclass(frozen=True, slots=True)
class External:
    """Something of neither side (``torch.nn.Module``): it can be anything."""

    symbol: str


@dataclass(frozen=True, slots=True)
class Unknown:
    """It cannot be told what it is, or whether it is there."""


class Absence(StrEnum):
    """In which way something is missing."""

    MODULE = "module"
    """No such module."""
    NAME = "name"
    """The module does not bind the name."""
    TYPING_ONLY = "typing-only"
    """The module binds it for type checkers only."""
    MEMBER = "member"
    """The class (all its bases known) and its instances have no such attribute."""


@dataclass(frozen=True, slots=True)
class Missing:
    """It is certain that this is not there."""

    absence: Absence
    symbol: str
    """The whole dotted name of what is missing."""
    container: "ModuleEntity | ClassEntity | None"
    """What was looked in; ``None`` for a top-level module."""
    side: Side


Entity: TypeAlias = (
    ModuleEntity | ClassEntity | FunctionEntity | Instance | Value | External | Unknown | Missing
)


@dataclass(frozen=True, slots=True)
class Mro:
    """The classes of an inheritance, nearest first."""

    classes: tuple[ClassEntity, ...]
    is_open: bool
    """Some base cannot be seen into, so that members may come from there."""


@dataclass(frozen=True, slots=True)
class Member:
    """What a class has under a name, and which class of its inheritance gives it."""

    entity: Entity
    owner: ClassEntity


@dataclass(frozen=True, slots=True)
class Step:
    """One step along a chain."""

    prefix: str
    """The chain up to and with this step."""
    container: Entity
    """What the step starts from."""
    entity: Entity
    """Where it leads."""
