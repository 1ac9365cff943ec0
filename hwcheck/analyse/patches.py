"""What a plugin puts in place of the host's own: assignments, ``setattr``, ``register_oot``."""

from collections.abc import Iterator
from enum import StrEnum
from typing import NamedTuple
from weakref import WeakKeyDictionary

from hwcheck.analyse.entities import (
    ClassEntity,
    Entity,
    FunctionEntity,
    Missing,
    ModuleEntity,
    Side,
    Unknown,
)
from hwcheck.analyse.overrides import derived
from hwcheck.analyse.world import World
from hwcheck.model.facts import Function
from hwcheck.model.use import Call, Code, Store

__all__ = ["Patch", "Way", "patches"]

_REGISTER = "register_oot"
_DECORATOR_LINES = 6


class Way(StrEnum):
    """How a replacement takes its place."""

    STORED = "stored"
    REGISTERED = "registered"
    """By ``register_oot``: the host makes an object of it instead."""


class Patch(NamedTuple):
    """One replacement."""

    code: Code
    line: int
    scope: int
    guard: int
    way: Way
    container: Entity
    """The host's module or class that is written to; or what it was that is missing."""
    name: str
    """What is written there."""
    replacement: Entity
    """Unknown where it cannot be told."""
    is_deleted: bool = False
    target: str = ""
    """As the plugin writes it."""

    @property
    def symbol(self) -> str:
        """The dotted name on the host's side."""
        around = (
            self.container.name
            if isinstance(self.container, ModuleEntity)
            else getattr(self.container, "symbol", "")
        )
        return f"{around}.{self.name}"

    @property
    def key(self) -> tuple[str, int, str]:
        """What is the same in the worlds of other hosts."""
        return (self.code.module.name, self.line, self.target)


_PATCHES: WeakKeyDictionary[World, tuple[Patch, ...]] = WeakKeyDictionary()


def patches(world: World) -> tuple[Patch, ...]:
    """Find what the plugin writes over or registers in place of the host's; none of dead code."""
    if world not in _PATCHES:
        _PATCHES[world] = (*_stored(world), *_decorated(world), *_called(world))
    return _PATCHES[world]


def _stored(world: World) -> Iterator[Patch]:
    for code in world.plugin.files.values():
        for store in code.uses.stores:
            container, dot, name = store.target.rpartition(".")
            if not dot or not name.isidentifier():
                continue
            if world.reach(code, store.scope, store.guard) is None:
                continue
            entity = _container(world, code, store, container)
            if _is_of_host(entity):
                yield Patch(
                    code,
                    store.line,
                    store.scope,
                    store.guard,
                    Way.STORED,
                    entity,
                    name,
                    _replacement(world, code, store),
                    store.is_deleted,
                    store.target,
                )


def _container(world: World, code: Code, store: Store, chain: str) -> Entity:
    steps = world.walk(code, store.scope, chain, store.line)
    if not steps:
        return Unknown()
    last = steps[-1]
    if isinstance(last.entity, Missing):
        # A root that is missing belongs to its import.
        return last.entity if len(steps) > 1 else Unknown()
    return last.entity if last.prefix == chain else Unknown()


def _is_of_host(entity: Entity) -> bool:
    if isinstance(entity, ModuleEntity | ClassEntity | FunctionEntity | Missing):
        return entity.side is Side.HOST
    return False


def _replacement(world: World, code: Code, store: Store) -> Entity:
    if store.parameters is not None:
        facts = Function(name="<lambda>", parameters=store.parameters)
        return FunctionEntity(code.module, facts, Side.PLUGIN)
    if not store.value:
        return Unknown()
    return world.infer(code, store.scope, store.value, store.line)


def _decorated(world: World) -> Iterator[Patch]:
    """Find classes decorated with ``@X.register_oot``."""
    for one in derived(world):
        for chain in one.cls.facts.decorators:
            head = chain.removesuffix("()")
            if not head.endswith(f".{_REGISTER}"):
                continue
            base = world.infer(one.code, 0, head.removesuffix(f".{_REGISTER}"), 0)
            line = one.code.module.line_of(one.cls.facts.name)
            names = _names_given(one.code, head, line)
            original = _original(world, base, one.cls, *names)
            if original is not None:
                yield _registration((one.code, line, one.scope, 0), original, one.cls)


def _names_given(code: Code, head: str, line: int) -> list[str]:
    above = [item for item in code.uses.calls if item.callee == head and item.line <= line]
    nearest = max(above, key=lambda item: item.line, default=None)
    if nearest is None or line - nearest.line > _DECORATOR_LINES:
        return []
    return [item.text for item in nearest.arguments if item.text]


def _called(world: World) -> Iterator[Patch]:
    """Find calls of ``X.register_oot(_decorated_op_cls=Own, name="X")``."""
    for code in world.plugin.files.values():
        for call in code.uses.calls:
            head = call.callee
            if not head.endswith(f".{_REGISTER}"):
                continue
            if world.reach(code, call.scope, call.guard) is None:
                continue
            found = tuple(_registered(world, code, call))
            yield from found or _registered_by_name(world, code, call)


def _registered(world: World, code: Code, call: Call) -> Iterator[Patch]:
    base = world.infer(code, call.scope, call.callee.removesuffix(f".{_REGISTER}"), call.line)
    for argument in call.arguments:
        if not argument.chain:
            continue
        own = world.infer(code, call.scope, argument.chain, call.line)
        if isinstance(own, ClassEntity) and own.side is Side.PLUGIN:
            names = [item.text for item in call.arguments if item.text]
            original = _original(world, base, own, *names)
            if original is not None:
                yield _registration((code, call.line, call.scope, call.guard), original, own)


def _registered_by_name(world: World, code: Code, call: Call) -> Iterator[Patch]:
    """Take the classes that a loop registers: those named for the host class they inherit from."""
    base = world.infer(code, call.scope, call.callee.removesuffix(f".{_REGISTER}"), call.line)
    if not isinstance(base, ClassEntity) or all(item.text for item in call.arguments):
        return
    for one in derived(world):
        original = one.bases[0]
        is_op = any(item.symbol == base.symbol for item in one.bases[1:])
        if is_op and original.facts.name in one.cls.facts.name:
            line = one.code.module.line_of(one.cls.facts.name)
            yield _registration((one.code, line, one.scope, 0), original, one.cls)


def _original(world: World, base: Entity, own: ClassEntity, *names: str) -> ClassEntity | None:
    """Tell the host class that a registered one replaces: by name, else the class registered on.

    On a class that others inherit from (``CustomOp``), the name says which of the bases is meant.
    """
    bases = [item for item in world.mro(own).classes if item.side is Side.HOST]
    for item in bases:
        if item.facts.name in names:
            return item
    if isinstance(base, ClassEntity) and base.side is Side.HOST:
        below = [item for item in bases if item.symbol != base.symbol]
        if not names and bases and bases[0].symbol == base.symbol:
            return base
        return below[0] if below and not names else None
    return None


def _registration(
    spot: tuple[Code, int, int, int], original: ClassEntity, own: ClassEntity
) -> Patch:
    module = ModuleEntity(original.module.name, Side.HOST, original.module)
    return Patch(
        *spot,
        Way.REGISTERED,
        module,
        original.facts.name,
        own,
        target=f"{_REGISTER}({own.facts.name})",
    )
