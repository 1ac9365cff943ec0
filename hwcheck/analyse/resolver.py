"""What the parts of a world ask of one another, so that none of them imports the world."""

from typing import Protocol

from hwcheck.analyse.entities import (
    ClassEntity,
    Entity,
    External,
    FunctionEntity,
    Member,
    Missing,
    ModuleEntity,
    Mro,
    Unknown,
)
from hwcheck.analyse.subject import PluginCode
from hwcheck.hosts.host_facts import HostFacts
from hwcheck.model.facts import Chain, Class, Function, Module
from hwcheck.model.use import Code

__all__ = ["Resolver"]


class Resolver(Protocol):
    """A plugin together with one host, in which names are looked up."""

    @property
    def plugin(self) -> PluginCode:
        """The plugin."""
        ...

    @property
    def host(self) -> HostFacts:
        """The host."""
        ...

    @property
    def reached_modules(self) -> frozenset[str]:
        """The plugin's modules that its entry points lead to."""
        ...

    def module(self, name: str) -> ModuleEntity | Missing | External:
        """Find a module."""
        ...

    def find(self, module_name: str, name: str, *, typing: bool = False) -> Entity:
        """Find a name of a module; with `typing`, as type checkers see it."""
        ...

    def class_entity(self, module: Module, cls: Class) -> ClassEntity:
        """Give the one entity of a class."""
        ...

    def mro(self, cls: ClassEntity) -> Mro:
        """Tell the classes of an inheritance, nearest first."""
        ...

    def inherited_names(self, cls: ClassEntity) -> frozenset[str]:
        """Name what comes from bases of the standard library."""
        ...

    def own_member(self, cls: ClassEntity, name: str, *, instance: bool = True) -> Member | None:
        """Find a member in a class's own body or set in its own methods."""
        ...

    def member(self, cls: ClassEntity, name: str, *, instance: bool) -> Member | Missing | Unknown:
        """Find a member of a class, or of its instances."""
        ...

    def bases_member(
        self, cls: ClassEntity, name: str, *, instance: bool = False
    ) -> Member | Missing | Unknown:
        """Find a member as ``super()`` does."""
        ...

    def bound(self, function: FunctionEntity) -> FunctionEntity:
        """Give the same method with its receiver given."""
        ...

    def subclasses(self, cls: ClassEntity) -> tuple[ClassEntity, ...]:
        """Tell the plugin's classes that inherit from a class."""
        ...

    def replacements(self, cls: ClassEntity) -> tuple[ClassEntity, ...]:
        """Tell the plugin's classes that a patch puts in the place of a host's class."""
        ...

    def attribute(self, entity: Entity, name: str) -> Entity:
        """Take an attribute of something."""
        ...

    def called(self, entity: Entity) -> Entity:
        """Call something."""
        ...

    def value_in(
        self,
        module: Module,
        chain: Chain,
        cls: ClassEntity | None = None,
        function: Function | None = None,
    ) -> Entity:
        """Tell what a chain in a module's facts stands for."""
        ...

    def resolve_path(self, dotted: str) -> Entity:
        """Find what a dotted path names."""
        ...

    def holds(self, code: Code, guard: int) -> bool | None:
        """Tell whether a condition of a file's uses holds on this host."""
        ...

    def infer(self, code: Code, scope: int, chain: Chain, line: int) -> Entity:
        """Tell what a chain of the plugin's code stands for."""
        ...

    def annotation(self, module: Module, text: str, cls: ClassEntity | None = None) -> Entity:
        """Tell what a value annotated so is."""
        ...

    def returns(self, function: FunctionEntity) -> Entity:
        """Tell what a call gives."""
        ...

    def holds_in(self, module: Module, guard: int, *, typing: bool = False) -> bool | None:
        """Tell whether a condition of a module's own table holds on this host."""
        ...

    def conventional(self, name: str) -> ClassEntity | None:
        """Tell the host class that parameters of this name have by convention."""
        ...
