"""A plugin together with one host: what names, chains, conditions and classes stand for there."""

from hwcheck.analyse.annotations import Annotations
from hwcheck.analyse.chains import Chains
from hwcheck.analyse.classes import Classes
from hwcheck.analyse.conventions import Conventions
from hwcheck.analyse.entities import (
    ClassEntity,
    Entity,
    External,
    FunctionEntity,
    Member,
    Missing,
    ModuleEntity,
    Mro,
    Side,
    Step,
    Unknown,
)
from hwcheck.analyse.gates import Gates
from hwcheck.analyse.infer import Inference
from hwcheck.analyse.location import line_of
from hwcheck.analyse.names import Names
from hwcheck.analyse.reach import Reached
from hwcheck.analyse.steps import Steps
from hwcheck.analyse.stores import Stores
from hwcheck.analyse.subject import PluginCode
from hwcheck.hosts.host_facts import HostFacts
from hwcheck.hosts.signature import write_names
from hwcheck.model.facts import Chain, Class, Function, Module
from hwcheck.model.finding import Location, Reach
from hwcheck.model.use import Code

__all__ = ["PluginCode", "World"]


class World:
    """The plugin and one host; every answer is kept."""

    def __init__(self, plugin: PluginCode, host: HostFacts, gates: frozenset[str]) -> None:
        """`gates` are names of functions that compare the host's version with their argument."""
        self.plugin = plugin
        self.host = host
        self.gates = gates
        self._names = Names(self)
        self._classes = Classes(self)
        self._annotations = Annotations(self)
        self._steps = Steps(self)
        self._inference = Inference(self, self._steps)
        self._conventions = Conventions(self)
        self._gates = Gates(self, gates)
        self._chains = Chains(self, self._names, self._steps, self._inference)
        self._reached = Reached(plugin, self._gates)
        self._stores = Stores(self, self._chains)

    def __repr__(self) -> str:
        """Name both."""
        return f"World({self.plugin.name!r}, {self.host.version!r})"

    # Names

    def module(self, name: str) -> ModuleEntity | Missing | External:
        """Find a module: the plugin's own first, then the host's; all others are external."""
        return self._names.module(name)

    def lookup(self, module_name: str, name: str) -> Entity:
        """Find a name of a module, through imports, star imports and lazy tables.

        Submodules count. Missing only when it is certain; what a module imports in vain is
        Unknown, because that import is at fault.
        """
        return self._names.find(module_name, name)

    def find(self, module_name: str, name: str, *, typing: bool = False) -> Entity:
        """Find a name of a module; with `typing`, as type checkers see it."""
        return self._names.find(module_name, name, typing=typing)

    def star_names(self, module_name: str) -> frozenset[str] | None:
        """Tell what ``from module import *`` binds; ``None`` when that is not certain."""
        return self._names.star_names(module_name)

    def resolve_path(self, dotted: str) -> Entity:
        """Find what ``a.b.C.m`` or ``a.b:C.m`` names, by the longest part that is a module."""
        return self._names.resolve_path(dotted)

    # Classes

    def class_entity(self, module: Module, cls: Class) -> ClassEntity:
        """Give the one entity of a class."""
        return self._names.class_entity(module, cls)

    def method_entity(self, cls: ClassEntity, function: Function) -> FunctionEntity:
        """Give the one entity of a method that a class itself defines."""
        return self._classes.method_entity(cls, function)

    def class_of(self, code: Code, name: str) -> ClassEntity | None:
        """Find a class of a plugin file by its qualified name there; the last live one."""
        return self._chains.class_of(code, name)

    def mro(self, cls: ClassEntity) -> Mro:
        """Tell the classes of an inheritance, nearest first; the class itself is the first."""
        return self._classes.mro(cls)

    def inherited_names(self, cls: ClassEntity) -> frozenset[str]:
        """Name what comes from bases of the standard library: ``value`` of enumerations."""
        return self._classes.inherited_names(cls)

    def own_member(self, cls: ClassEntity, name: str, *, instance: bool = True) -> Member | None:
        """Find a member in a class's own body; with `instance`, also set by its own methods."""
        return self._classes.own_member(cls, name, instance=instance)

    def member(self, cls: ClassEntity, name: str, *, instance: bool) -> Member | Missing | Unknown:
        """Find a member of a class; with `instance`, also what methods set on the receiver."""
        return self._classes.member(cls, name, instance=instance)

    def bases_member(
        self, cls: ClassEntity, name: str, *, instance: bool = False
    ) -> Member | Missing | Unknown:
        """Find a member as ``super()`` does: past the class itself."""
        return self._classes.bases_member(cls, name, instance=instance)

    def subclasses(self, cls: ClassEntity) -> tuple[ClassEntity, ...]:
        """Tell the plugin's classes that inherit from a class, directly or not, without itself."""
        return self._classes.subclasses(cls)

    def bound(self, function: FunctionEntity) -> FunctionEntity:
        """Give the same method with its receiver given."""
        return self._classes.bound(function)

    # Chains

    def walk(self, code: Code, scope: int, chain: Chain, line: int) -> tuple[Step, ...]:
        """Tell every step along a chain, root first.

        Ends with the first step that leads to Missing, Unknown or External.
        """
        return self._chains.walk(code, scope, chain, line)

    def infer(self, code: Code, scope: int, chain: Chain, line: int) -> Entity:
        """Tell what a whole chain stands for; Unknown when it cannot be followed to its end."""
        return self._chains.infer(code, scope, chain, line)

    def attribute(self, entity: Entity, name: str) -> Entity:
        """Take an attribute of something."""
        return self._steps.attribute(entity, name)

    def others_have(self, cls: ClassEntity, name: str) -> bool:
        """Tell whether a class that a value of a class may be of too surely has a member."""
        return self._steps.others_have(cls, name)

    def called(self, entity: Entity) -> Entity:
        """Call something."""
        return self._steps.called(entity)

    def value_in(
        self,
        module: Module,
        chain: Chain,
        cls: ClassEntity | None = None,
        function: Function | None = None,
    ) -> Entity:
        """Tell what a chain in facts stands for: in a module, a class body or a function."""
        return self._inference.value_in(module, chain, cls, function)

    def annotation(self, module: Module, text: str, cls: ClassEntity | None = None) -> Entity:
        """Tell what a value annotated so is: an `Instance`, or the class for ``type[X]``.

        `cls` is the class around it, whose nested names come first.
        """
        return self._annotations.annotation(module, text, cls)

    def returns(self, function: FunctionEntity) -> Entity:
        """Tell what a call of the function gives (reading it, for a property)."""
        return self._steps.returns(function)

    def conventional(self, name: str) -> ClassEntity | None:
        """Tell the host class that parameters of this name have nearly everywhere in the host."""
        return self._conventions.conventional(name)

    # Conditions and reach

    def holds(self, code: Code, guard: int) -> bool | None:
        """Tell whether a condition of ``code.uses`` holds on this host; ``None``: cannot tell."""
        return self._gates.holds(code, guard) if guard else True

    def holds_in(self, module: Module, guard: int, *, typing: bool = False) -> bool | None:
        """Tell whether a condition of a module's own table holds on this host."""
        return self._gates.holds_in(module, guard, typing=typing) if guard else True

    def reach(self, code: Code, scope: int = 0, guard: int = 0) -> Reach | None:
        """Tell how code comes to run; ``None``: never on this host, a gate is false."""
        del scope  # a guard tells what stands around its scope too
        return self._reached.reach(code, guard)

    @property
    def reached_modules(self) -> frozenset[str]:
        """The plugin's modules that its entry points lead to on this host."""
        return self._reached.modules

    # What the plugin does to the host

    def is_stored(self, name: str, container: ClassEntity | None = None) -> bool:
        """Tell whether the plugin sets this attribute on objects of others (of that class)."""
        return self._stores.is_stored(name, container)

    def is_given(self, name: str, container: ClassEntity) -> bool:
        """Tell whether a function that the plugin stores onto the class sets this on `self`."""
        return self._stores.is_given(name, container)

    def replaced(self, symbol: str) -> bool:
        """Tell whether the plugin puts something in place of a host's symbol.

        By a patch of it or of what it stands in, or by naming a class of its own by string where
        the host would use a sibling.
        """
        return self._stores.replaced(symbol)

    def is_patched(self, symbol: str) -> bool:
        """Tell whether a patch puts something in place of just this symbol of the host."""
        return self._stores.is_patched(symbol)

    def replacements(self, cls: ClassEntity) -> tuple[ClassEntity, ...]:
        """Tell the plugin's classes that a patch puts in the place of a host's class."""
        return self._stores.replacements(cls)

    # For messages

    def line_of(self, entity: Entity) -> Location | None:
        """Tell where a module, class or function is defined."""
        return line_of(entity)

    def host_line(self, entity: Entity) -> Location | None:
        """Tell where something of the host is defined; ``None`` for what is the plugin's."""
        if isinstance(entity, ModuleEntity | ClassEntity | FunctionEntity):
            return line_of(entity) if entity.side == Side.HOST else None
        return line_of(entity)

    def signature_text(self, function: FunctionEntity) -> str:
        """Write a function's parameters: ``(self, a, b=..., *, c)``."""
        return write_names(function.facts.parameters)
