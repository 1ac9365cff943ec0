"""Chains in facts: what the values of attributes, names and returns stand for."""

import builtins
from functools import cache

from hwcheck.analyse.entities import (
    ClassEntity,
    Entity,
    External,
    Instance,
    Missing,
    Side,
)
from hwcheck.analyse.kinds import NOTHING, UNKNOWN, Ancestors, Container, is_end
from hwcheck.analyse.resolver import Resolver
from hwcheck.analyse.steps import Steps
from hwcheck.model.facts import Chain, Form, Function, Module, ParameterKind

__all__ = ["Inference", "builtin", "cut"]


@cache
def cut(chain: Chain) -> tuple[Chain, str]:
    """Cut the last step off a chain; the step is empty for a mere root."""
    if chain.endswith(("()", "[]")):
        return chain[:-2], chain[-2:]
    if chain.endswith("~"):
        return chain[:-1], "~"
    prefix, dot, name = chain.rpartition(".")
    return (prefix, f".{name}") if dot else (chain, "")


@cache
def builtin(name: str) -> Entity:
    """Tell what a name is that no module binds."""
    if name == "None":
        return NOTHING
    return External(f"builtins.{name}") if hasattr(builtins, name) else UNKNOWN


class Inference:
    """Follows chains of facts, which have no lines."""

    def __init__(self, resolver: Resolver, steps: Steps) -> None:
        """Look roots up through `resolver`, go on by `steps`."""
        self._resolver = resolver
        self._steps = steps
        self._found: dict[tuple[str, ClassEntity | None, int, Chain], Entity] = {}

    def value_in(
        self,
        module: Module,
        chain: Chain,
        cls: ClassEntity | None = None,
        function: Function | None = None,
    ) -> Entity:
        """Tell what a chain stands for in a module, a class body or a function."""
        key = (module.name, cls, id(function), chain)
        found = self._found.get(key)
        if found is None:
            self._found[key] = UNKNOWN
            found = self._found[key] = self._value(module, chain, cls, function)
        return found

    def _value(
        self, module: Module, chain: Chain, cls: ClassEntity | None, function: Function | None
    ) -> Entity:
        if chain == "None()":
            return NOTHING
        if chain == "super()" and cls is not None:
            is_instance = function is None or function.form != Form.CLASS_METHOD
            return Ancestors("super", cls.side, cls, is_instance)
        prefix, step = cut(chain)
        if not step:
            return self._root(module, chain, cls, function)
        before = self.value_in(module, prefix, cls, function)
        if is_end(before) and not isinstance(before, External):
            return UNKNOWN
        found = self._steps.take(before, step, prefix)
        return UNKNOWN if isinstance(found, Missing) and prefix else found

    def _root(
        self, module: Module, name: str, cls: ClassEntity | None, function: Function | None
    ) -> Entity:
        if function is not None:
            given = self.parameter(module, name, cls, function)
            if given is not None:
                return given
        elif cls is not None:
            own = self._resolver.own_member(cls, name, instance=False)
            if own is not None:
                return own.entity
        found = self._resolver.find(module.name, name)
        return builtin(name) if isinstance(found, Missing) else found

    def parameter(
        self, module: Module, name: str, cls: ClassEntity | None, function: Function
    ) -> Entity | None:
        """Tell what a parameter is; ``None`` when the function has none of this name."""
        for position, parameter in enumerate(function.parameters):
            if parameter.name != name:
                continue
            if position == 0 and cls is not None and function.form != Form.STATIC_METHOD:
                return cls if function.form == Form.CLASS_METHOD else Instance(cls)
            return self.annotated(module, name, parameter.kind, parameter.annotation, cls)
        return None

    def annotated(
        self,
        module: Module,
        name: str,
        kind: ParameterKind,
        annotation: str,
        cls: ClassEntity | None,
    ) -> Entity:
        """Tell what a parameter is by its annotation, else by the convention for its name."""
        if kind == ParameterKind.KEYWORDS:
            return UNKNOWN
        if annotation:
            found = self._resolver.annotation(module, annotation, cls)
            if kind == ParameterKind.VARIADIC:
                return Container("Sequence", Side.HOST, (found,))
            return found
        conventional = self._resolver.conventional(name)
        return Instance(conventional) if conventional else UNKNOWN
