"""Annotations: what a value is that is annotated so."""

import ast
import builtins
from functools import cache

from hwcheck.analyse.entities import (
    ClassEntity,
    Entity,
    External,
    Instance,
    Missing,
    ModuleEntity,
    Side,
    Unknown,
)
from hwcheck.analyse.kinds import NOTHING, UNKNOWN, Container, unite
from hwcheck.analyse.resolver import Resolver
from hwcheck.model.facts import Module

__all__ = ["CONTAINERS", "Annotations"]

#: Generic types whose items inference takes out, by the last part of their names.
CONTAINERS = frozenset(
    {
        "AbstractContextManager",
        "AsyncGenerator",
        "AsyncIterable",
        "AsyncIterator",
        "Awaitable",
        "Collection",
        "Coroutine",
        "DefaultDict",
        "Deque",
        "Dict",
        "FrozenSet",
        "Generator",
        "Iterable",
        "Iterator",
        "List",
        "Mapping",
        "MutableMapping",
        "MutableSequence",
        "OrderedDict",
        "Sequence",
        "Set",
        "Tuple",
        "defaultdict",
        "deque",
        "dict",
        "frozenset",
        "list",
        "set",
        "tuple",
    }
)

_WRAPPERS = frozenset({"Annotated", "ClassVar", "Final", "InitVar", "NotRequired", "Required"})

_OPEN = frozenset({"Any", "object", "Self"})


@cache
def _parsed(text: str) -> ast.expr | None:
    try:
        return ast.parse(text, mode="eval").body
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return None


def _is_dots(node: ast.expr) -> bool:
    return isinstance(node, ast.Constant) and node.value is ...


class Annotations:
    """Reads annotations as type checkers do."""

    def __init__(self, resolver: Resolver) -> None:
        """Look names up through `resolver`."""
        self._resolver = resolver
        self._found: dict[tuple[str, str, ClassEntity | None], Entity] = {}

    def annotation(self, module: Module, text: str, cls: ClassEntity | None = None) -> Entity:
        """Tell what a value annotated so is; Unknown for unions of several."""
        key = (module.name, text, cls)
        found = self._found.get(key)
        if found is None:
            self._found[key] = UNKNOWN
            node = _parsed(text) if text else None
            found = UNKNOWN if node is None else self._value(module, node, cls)
            self._found[key] = found
        return found

    def _value(self, module: Module, node: ast.expr, cls: ClassEntity | None) -> Entity:
        match node:
            case ast.Constant(value=None):
                return NOTHING
            case ast.Constant(value=str(text)):
                return self.annotation(module, text.strip(), cls)
            case ast.BinOp(left=left, op=ast.BitOr(), right=right):
                return unite([self._value(module, left, cls), self._value(module, right, cls)])
            case ast.Name() | ast.Attribute():
                return self._instance(self._named(module, node, cls))
            case ast.Subscript(value=value, slice=inner):
                return self._generic(module, value, inner, cls)
        return UNKNOWN

    def _generic(
        self, module: Module, value: ast.expr, inner: ast.expr, cls: ClassEntity | None
    ) -> Entity:
        parts = inner.elts if isinstance(inner, ast.Tuple) else [inner]
        last = value.attr if isinstance(value, ast.Attribute) else getattr(value, "id", "")
        if last == "Optional":
            return self._value(module, parts[0], cls)
        if last == "Union":
            return unite([self._value(module, part, cls) for part in parts])
        if last in _WRAPPERS:
            return self._value(module, parts[0], cls)
        if last in {"type", "Type"}:
            return self._class(module, parts[0], cls)
        if last in CONTAINERS:
            arguments = tuple(self._value(module, part, cls) for part in parts)
            if last in {"tuple", "Tuple"} and len(parts) == 2 and _is_dots(parts[1]):
                return Container("Sequence", Side.HOST, (arguments[0],))
            return Container(last, Side.HOST, arguments)
        if last in {"Literal", "Callable"}:
            return External(f"typing.{last}")
        named = self._named(module, value, cls)
        return self._instance(named) if isinstance(named, ClassEntity) else UNKNOWN

    def _class(self, module: Module, node: ast.expr, cls: ClassEntity | None) -> Entity:
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            inner = _parsed(node.value.strip())
            return UNKNOWN if inner is None else self._class(module, inner, cls)
        if not isinstance(node, ast.Name | ast.Attribute):
            return UNKNOWN
        named = self._named(module, node, cls)
        return named if isinstance(named, ClassEntity | External) else UNKNOWN

    def _instance(self, named: Entity) -> Entity:
        match named:
            case ClassEntity():
                return Instance(named)
            case External(symbol):
                last = symbol.rpartition(".")[2]
                if last in _OPEN:
                    return UNKNOWN
                if last in CONTAINERS:
                    return Container(last, Side.HOST)
                return named
        return UNKNOWN

    def _named(self, module: Module, node: ast.expr, cls: ClassEntity | None) -> Entity:
        match node:
            case ast.Name(id=name):
                return self._name(module, name, cls)
            case ast.Attribute(value=value, attr=attr):
                container = self._named(module, value, cls)
                if isinstance(container, ModuleEntity):
                    return self._resolver.find(container.name, attr, typing=True)
                if isinstance(container, Unknown | Missing):
                    return UNKNOWN
                return self._resolver.attribute(container, attr)
        return UNKNOWN

    def _name(self, module: Module, name: str, cls: ClassEntity | None) -> Entity:
        if cls is not None:
            nested = f"{cls.facts.name}.{name}"
            for facts in cls.module.classes:
                if facts.name == nested:
                    return self._resolver.class_entity(cls.module, facts)
        found = self._resolver.find(module.name, name, typing=True)
        if isinstance(found, Missing):
            return External(f"builtins.{name}") if hasattr(builtins, name) else UNKNOWN
        return found
