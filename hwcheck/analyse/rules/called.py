"""The calls that a plugin makes to the host, with what they bind to."""

from collections.abc import Iterator
from functools import lru_cache
from typing import NamedTuple

from hwcheck.analyse.binding import (
    Bound,
    Signature,
    bind,
    constructor_of,
    shape_of,
    signature_of,
)
from hwcheck.analyse.comparison import Comparison
from hwcheck.analyse.entities import ClassEntity, Entity, FunctionEntity, Instance, Side, Value
from hwcheck.analyse.rules.chains import class_behind, used_calls
from hwcheck.analyse.rules.inheritance import is_overridden, is_patched
from hwcheck.analyse.rules.place import Spot
from hwcheck.analyse.world import World
from hwcheck.model.use import Call, Code

__all__ = [
    "HostCall",
    "callee_of",
    "host_calls",
    "is_constructor",
    "options_of",
    "signature_before",
]

_LEAST_DOTS = 2
_CONSTRUCTORS = frozenset({"__init__", "__new__"})


class HostCall(NamedTuple):
    """One call of something of the host."""

    code: Code
    call: Call
    entity: FunctionEntity | ClassEntity
    signature: Signature
    bound: Bound
    is_certain: bool
    """No class of the plugin has another method in this one's place."""

    @property
    def spot(self) -> Spot:
        """The place."""
        return Spot(self.code, self.call.line, self.call.scope, self.call.guard)


@lru_cache(maxsize=1)
def host_calls(comparison: Comparison) -> tuple[HostCall, ...]:
    """Bind all calls that can run and whose callee is known and the host's.

    Kept for the last comparison only: several rules look at the same calls.
    """
    known = tuple(_host_calls(comparison))
    return known if comparison.old is None else (*known, *_lost_fits(comparison, comparison.old))


def _host_calls(comparison: Comparison) -> Iterator[HostCall]:
    world = comparison.new
    for code in comparison.plugin.files.values():
        for call in used_calls(comparison, code):
            entity, signature = callee_of(world, code, call)
            if (
                signature is None
                or not isinstance(entity, FunctionEntity | ClassEntity)
                or world.reach(code, guard=call.guard) is None
            ):
                continue
            bound = bind(signature, shape_of(call))
            certain = bound.fits or _is_certain(world, call, entity, signature)
            yield HostCall(code, call, entity, signature, bound, certain)


def callee_of(world: World, code: Code, call: Call) -> tuple[Entity, Signature | None]:
    """Tell what is called, and what it takes where it is the host's."""
    entity = world.infer(code, call.scope, call.callee, call.line)
    if _is_patched_below(world, code, call, entity):
        return entity, None
    return entity, _host_signature(world, call, entity)


def _is_patched_below(world: World, code: Code, call: Call, entity: Entity) -> bool:
    """Whether the plugin puts its own in the method's place in a class nearer to the receiver."""
    owner = entity.owner if isinstance(entity, FunctionEntity) else None
    chain, _, name = call.callee.rpartition(".")
    if owner is None or owner.side is not Side.HOST or not chain:
        return False
    holder = class_behind(world.infer(code, call.scope, chain, call.line))
    for item in world.mro(holder).classes if holder else ():
        if item.symbol == owner.symbol:
            return False
        if world.is_patched(f"{item.symbol}.{name}"):
            return True
    return False


def _lost_fits(comparison: Comparison, old: World) -> Iterator[HostCall]:
    """Bind calls on attributes that hold objects of several classes.

    Such a call is meant for those that it fitted on the old host. It is given, as uncertain, where
    it fits none of the classes now.
    """
    for code in comparison.plugin.files.values():
        for call in used_calls(comparison, code):
            options = dict(options_of(comparison.new, code, call))
            if not options or any(bound.fits for _, _, bound in options.values()):
                continue
            fitted = [key for key, (_, _, bound) in options_of(old, code, call) if bound.fits]
            for key in fitted:
                if key in options:
                    yield HostCall(code, call, *options[key], is_certain=False)


def options_of(
    world: World, code: Code, call: Call
) -> Iterator[tuple[str, tuple[FunctionEntity, Signature, Bound]]]:
    """Bind a call to the method of each class that its receiver may be of; the host's only."""
    if call.callee.count(".") < _LEAST_DOTS:
        return
    chain, _, name = call.callee.rpartition(".")
    steps = world.walk(code, call.scope, chain, call.line)
    if not steps or steps[-1].prefix != chain or not isinstance(steps[-1].entity, Value):
        return
    holder = class_behind(steps[-1].container)
    attribute = chain.rpartition(".")[2]
    for owner in world.mro(holder).classes if holder else ():
        for item in owner.facts.attributes:
            if item.name != attribute:
                continue
            made = world.value_in(owner.module, item.value, owner)
            method = world.attribute(made, name) if isinstance(made, Instance) else None
            if isinstance(method, FunctionEntity) and method.side is Side.HOST:
                signature = _host_signature(world, call, method)
                if signature is not None:
                    bound = bind(signature, shape_of(call))
                    yield method.symbol, (method, signature, bound)


def _host_signature(world: World, call: Call, entity: Entity) -> Signature | None:
    """Tell what something of the host takes; nothing for what the plugin has replaced."""
    if not isinstance(entity, FunctionEntity | ClassEntity):
        return None
    if isinstance(entity, FunctionEntity) and entity.side is not Side.HOST:
        return None
    signature = signature_of(world, entity)
    if signature is None or signature.origin.side is not Side.HOST:
        return None
    is_inherited = call.callee.startswith(("self.", "super()"))
    return None if is_patched(world, entity, is_inherited=is_inherited) else signature


def _is_certain(
    world: World, call: Call, entity: FunctionEntity | ClassEntity, signature: Signature
) -> bool:
    """Whether it is this function that is called, not one of a class that inherits from it."""
    if call.callee.startswith("super()"):
        return True
    if isinstance(entity, FunctionEntity):
        return not is_overridden(world, entity)
    origin = signature.origin
    if isinstance(origin, FunctionEntity) and (origin.facts.refuses or origin.facts.is_abstract):
        return False
    own = [constructor_of(world, cls) for cls in world.subclasses(entity)]
    return not any(item is not None and bind(item, shape_of(call)).fits for item in own)


def signature_before(comparison: Comparison, host_call: HostCall) -> Signature | None:
    """Tell what the same call met on the old host, where it was made there."""
    code, call = host_call.code, host_call.call
    if comparison.old is None or comparison.old.reach(code, guard=call.guard) is None:
        return None
    before = comparison.old.infer(code, call.scope, call.callee, call.line)
    return _host_signature(comparison.old, call, before)


def is_for_own(world: World, host_call: HostCall) -> bool:
    """Whether the call fits what a class of the plugin has in the place of the host's method."""
    entity = host_call.entity
    owner = entity.owner if isinstance(entity, FunctionEntity) else None
    for cls in world.subclasses(owner) if owner else ():
        member = world.own_member(cls, entity.facts.name)
        own = member.entity if member else None
        if isinstance(own, FunctionEntity):
            signature = signature_of(world, world.bound(own))
            if signature is not None and bind(signature, shape_of(host_call.call)).fits:
                return True
    return False


def is_constructor(host_call: HostCall) -> bool:
    """Whether an object is made, or its base's constructor is run."""
    entity = host_call.entity
    return isinstance(entity, ClassEntity) or entity.facts.name in _CONSTRUCTORS
