"""Whom a call in the host goes to: the class of its receiver, as far as the host's facts tell."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from hwcheck.analyse.entities import (
    ClassEntity,
    Entity,
    Instance,
    Unknown,
)
from hwcheck.analyse.world import World
from hwcheck.hosts.host_facts import LocatedCall
from hwcheck.model.facts import Function, Module

__all__ = ["Caller", "caller_of", "receiver_classes", "receiver_entity"]

_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_.]*")


@dataclass(frozen=True, slots=True)
class Caller:
    """The function in which the host makes a call."""

    module: Module
    cls: ClassEntity | None
    function: Function | None

    @property
    def symbol(self) -> str:
        """Its dotted name; of the module, where it is in no function."""
        around = self.cls.symbol if self.cls else self.module.name
        return f"{around}.{self.function.name}" if self.function else around


def caller_of(world: World, call: LocatedCall) -> Caller | None:
    """Find the function around a call; ``None`` when its module cannot be read."""
    module = world.host.module(call.module)
    if module is None:
        return None
    parts = call.site.scope.split(".") if call.site.scope else []
    if not parts:
        return Caller(module, None, None)
    cls = world.lookup(module.name, parts[0])
    if isinstance(cls, ClassEntity) and cls.module.name == module.name:
        name = parts[1] if len(parts) > 1 else ""
        return Caller(module, cls, _named(cls.facts.functions, name))
    return Caller(module, None, _named(module.functions, parts[0]))


def receiver_entity(world: World, call: LocatedCall, caller: Caller) -> Entity:
    """Tell what stands before the called name; Unknown where the facts do not tell."""
    return _value(world, caller, call.site.receiver)


def receiver_classes(world: World, call: LocatedCall, caller: Caller) -> tuple[ClassEntity, ...]:
    """Tell the classes that the receiver may be of; empty where nothing is known.

    The receiver is known by its type, or it is an attribute with several types, or assigned
    objects of several classes in turn.
    """
    entity = receiver_entity(world, call, caller)
    if isinstance(entity, Instance):
        return (entity.of,)
    if isinstance(entity, ClassEntity):
        return (entity,)
    before, dot, name = call.site.receiver.rpartition(".")
    if not dot or not name.isidentifier():
        return _named_types(world, caller, call.site.receiver)
    holder = _value(world, caller, before)
    if not isinstance(holder, Instance):
        return ()
    return tuple(_attribute_types(world, holder.of, name))


def _value(world: World, caller: Caller, chain: str) -> Entity:
    if not chain:
        return Unknown()
    return world.value_in(caller.module, chain, caller.cls, caller.function)


def _attribute_types(world: World, cls: ClassEntity, name: str) -> Iterator[ClassEntity]:
    for owner in world.mro(cls).classes:
        for attribute in owner.facts.attributes:
            if attribute.name == name:
                value = attribute.value.removesuffix("()")
                yield from _classes_in(world, owner.module, attribute.annotation)
                if value != attribute.value:
                    yield from _classes_in(world, owner.module, value)


def _named_types(world: World, caller: Caller, name: str) -> tuple[ClassEntity, ...]:
    for parameter in caller.function.parameters if caller.function else ():
        if parameter.name == name:
            return tuple(_classes_in(world, caller.module, parameter.annotation))
    return ()


def _classes_in(world: World, module: Module, text: str) -> Iterator[ClassEntity]:
    for name in _NAME.findall(text):
        found = world.resolve_path(f"{module.name}.{name}") if name not in {"None", "Any"} else None
        if isinstance(found, ClassEntity):
            yield found


def _named(functions: tuple[Function, ...], name: str) -> Function | None:
    return next((item for item in functions if item.name == name), None)
