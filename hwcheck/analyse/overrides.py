"""The members of host classes that a plugin's classes define anew."""

from collections.abc import Iterator
from typing import NamedTuple
from weakref import WeakKeyDictionary

from hwcheck.analyse.entities import ClassEntity, FunctionEntity, Member, Side
from hwcheck.analyse.world import World
from hwcheck.model.facts import Function
from hwcheck.model.use import Code

__all__ = ["Derived", "Override", "derived", "host_classes", "host_member", "overrides"]


class Derived(NamedTuple):
    """A class of the plugin that has host classes among its bases, near or far."""

    code: Code
    cls: ClassEntity
    bases: tuple[ClassEntity, ...]
    """Those of the host, nearest first."""
    scope: int
    """Of the class body."""


class Override(NamedTuple):
    """A function of a plugin's class that stands in for a member of a host class."""

    code: Code
    cls: ClassEntity
    own: FunctionEntity
    host: Member
    """The nearest one of the host."""
    scope: int

    @property
    def name(self) -> str:
        """The name that both have."""
        return self.own.facts.name

    @property
    def symbol(self) -> str:
        """The dotted name on the host's side."""
        return f"{self.host.owner.symbol}.{self.name}"

    @property
    def key(self) -> tuple[str, str]:
        """What is the same in the worlds of other hosts."""
        return (self.cls.symbol, self.name)

    @property
    def line(self) -> int:
        """Where the plugin defines it."""
        return self.code.module.line_of(f"{self.cls.facts.name}.{self.name}")


_DERIVED: WeakKeyDictionary[World, tuple[Derived, ...]] = WeakKeyDictionary()
_OVERRIDES: WeakKeyDictionary[World, tuple[Override, ...]] = WeakKeyDictionary()


def derived(world: World) -> tuple[Derived, ...]:
    """Find the plugin's classes with host classes among their bases; none of dead code."""
    if world not in _DERIVED:
        _DERIVED[world] = tuple(_derived(world))
    return _DERIVED[world]


def overrides(world: World) -> tuple[Override, ...]:
    """Find the functions of those classes that host classes have too, constructors as well."""
    if world not in _OVERRIDES:
        _OVERRIDES[world] = tuple(item for one in derived(world) for item in _overrides(world, one))
    return _OVERRIDES[world]


def host_classes(world: World, cls: ClassEntity) -> tuple[ClassEntity, ...]:
    """Tell the host's classes of an inheritance, nearest first."""
    return tuple(item for item in world.mro(cls).classes if item.side is Side.HOST)


def _derived(world: World) -> Iterator[Derived]:
    for code in world.plugin.files.values():
        if not code.module.classes or world.reach(code) is None:
            continue
        scopes = {scope.name: index for index, scope in enumerate(code.uses.scopes)}
        for facts in code.module.classes:
            cls = world.class_of(code, facts.name)
            if cls is None or world.holds_in(code.module, cls.facts.guard) is False:
                continue
            bases = host_classes(world, cls)
            if bases and cls.facts is facts:
                yield Derived(code, cls, bases, scopes.get(facts.name, 0))


def _overrides(world: World, one: Derived) -> Iterator[Override]:
    scopes = {scope.name: index for index, scope in enumerate(one.code.uses.scopes)}
    for facts in live_functions(world, one):
        host = host_member(world, one.bases, facts.name)
        if host is not None:
            own = FunctionEntity(one.code.module, facts, Side.PLUGIN, one.cls)
            scope = scopes.get(f"{one.cls.facts.name}.{facts.name}", one.scope)
            yield Override(one.code, one.cls, own, host, scope)


def live_functions(world: World, one: Derived) -> Iterator[Function]:
    """Find the functions of a class that are defined on this host, each name once.

    A name that several conditions define, none of them known to be false, is left out.
    """
    by_name: dict[str, list[Function]] = {}
    for facts in one.cls.facts.functions:
        if world.holds_in(one.code.module, facts.guard) is not False:
            by_name.setdefault(facts.name, []).append(facts)
    for found in by_name.values():
        if len(found) == 1:
            yield found[0]


def host_member(world: World, bases: tuple[ClassEntity, ...], name: str) -> Member | None:
    """Find a member in the nearest of the host's classes that has it."""
    found = (world.own_member(base, name) for base in bases)
    return next((item for item in found if item is not None), None)
