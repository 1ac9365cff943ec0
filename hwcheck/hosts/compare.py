"""What changed between two hosts: modules, names, classes, members and signatures."""

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import TypeVar

from hwcheck.hosts.host_facts import HostFacts
from hwcheck.hosts.signature import write_signature
from hwcheck.model.facts import BindingKind, Class, Function, Module

__all__ = ["Change", "Difference", "Part", "compare_hosts"]

Item = TypeVar("Item")

_DEFINED = frozenset({BindingKind.VALUE, BindingKind.DECLARED, BindingKind.OTHER})
_IMPORTED = frozenset({BindingKind.FROM, BindingKind.IMPORT, BindingKind.LAZY})


class Part(StrEnum):
    """What kind of thing changed."""

    MODULE = "module"
    CLASS = "class"
    FUNCTION = "function"
    NAME = "name"
    """A value, or what a package re-exports."""
    METHOD = "method"
    ATTRIBUTE = "attribute"


class Difference(StrEnum):
    """How it changed."""

    ADDED = "added"
    REMOVED = "removed"
    CHANGED = "changed"


@dataclass(frozen=True, slots=True, kw_only=True, order=True)
class Change:
    """One thing that is not the same in two hosts."""

    symbol: str
    """Dotted, with the module."""
    module: str
    part: Part
    difference: Difference
    before: str = ""
    """The signature, or bases, in the first host; empty where there is nothing to tell."""
    after: str = ""
    moved_to: tuple[str, ...] = ()
    """Of what was removed: modules that define the name now and did not before."""


_MOVABLE = frozenset({Part.CLASS, Part.FUNCTION, Part.NAME})


def compare_hosts(
    before: HostFacts, after: HostFacts, *, only: Collection[str] | None = None
) -> tuple[Change, ...]:
    """Find the changes, sorted by symbol; with `only`, those of these symbols and what is in them.

    What is in a module or class that was added or removed as a whole is not told apart.
    """
    wanted = None if only is None else _Wanted(only)
    found = (
        change
        for name in sorted(before.module_names() | after.module_names())
        if wanted is None or wanted.touches(name)
        for change in _compare_modules(name, before, after)
    )
    chosen = [change for change in found if wanted is None or wanted.holds(change.symbol)]
    return tuple(sorted(_with_moves(chosen, before, after)))


class _Wanted:
    """Symbols that someone uses."""

    def __init__(self, symbols: Collection[str]) -> None:
        self._symbols = frozenset(symbols)
        self._around = {part for symbol in symbols for part in _prefixes(symbol)}

    def touches(self, module: str) -> bool:
        """Whether something in the module, or the module, is used."""
        return module in self._around

    def holds(self, symbol: str) -> bool:
        """Whether it is used, or holds something that is."""
        return symbol in self._around


def _prefixes(symbol: str) -> Iterator[str]:
    while symbol:
        yield symbol
        symbol = symbol.rpartition(".")[0]


def _compare_modules(name: str, before: HostFacts, after: HostFacts) -> Iterator[Change]:
    old, new = before.module(name), after.module(name)
    if before.has_module(name) != after.has_module(name):
        yield _change(name, name, Part.MODULE, is_there=after.has_module(name))
    elif old is not None and new is not None and old != new:
        yield from _compare_names(name, old, new)
        yield from _compare_functions(name, name, Part.FUNCTION, old.functions, new.functions)
        yield from _compare_classes(name, old, new)


def _compare_names(name: str, old: Module, new: Module) -> Iterator[Change]:
    old_names, new_names = _names(old), _names(new)
    for item in sorted(old_names ^ new_names):
        if item not in _bound(old) or item not in _bound(new):
            yield _change(name, f"{name}.{item}", Part.NAME, is_there=item in new_names)


def _names(module: Module) -> set[str]:
    """Values, and in a package what it re-exports."""
    kinds = _DEFINED | _IMPORTED if module.is_package else _DEFINED
    return {binding.name for binding in module.bindings if binding.kind in kinds}


def _bound(module: Module) -> set[str]:
    return {binding.name for binding in module.bindings}


def _compare_functions(
    module: str, owner: str, part: Part, old: Collection[Function], new: Collection[Function]
) -> Iterator[Change]:
    old_by_name = {item.name: item for item in old}
    new_by_name = {item.name: item for item in new}
    for name, first, second in _pairs(old_by_name, new_by_name):
        told = (
            "" if first is None else write_signature(first),
            "" if second is None else write_signature(second),
        )
        if first is None or second is None or told[0] != told[1]:
            yield _change(
                module,
                f"{owner}.{name}",
                part,
                is_there=None if first and second else second is not None,
                told=told,
            )


def _compare_classes(module: str, old: Module, new: Module) -> Iterator[Change]:
    old_by_name = {item.name: item for item in old.classes}
    new_by_name = {item.name: item for item in new.classes}
    for name, first, second in _pairs(old_by_name, new_by_name):
        symbol = f"{module}.{name}"
        if first is None or second is None:
            yield _change(module, symbol, Part.CLASS, is_there=second is not None)
            continue
        if first.bases != second.bases:
            told = (_bases(first), _bases(second))
            yield _change(module, symbol, Part.CLASS, is_there=None, told=told)
        yield from _compare_functions(
            module, symbol, Part.METHOD, first.functions, second.functions
        )
        yield from _compare_attributes(module, symbol, first, second)


def _compare_attributes(module: str, symbol: str, old: Class, new: Class) -> Iterator[Change]:
    old_names, new_names = ({item.name for item in cls.attributes} for cls in (old, new))
    methods = {item.name for cls in (old, new) for item in cls.functions}
    for name in sorted((old_names ^ new_names) - methods):
        yield _change(module, f"{symbol}.{name}", Part.ATTRIBUTE, is_there=name in new_names)


def _pairs(
    old: Mapping[str, Item], new: Mapping[str, Item]
) -> Iterator[tuple[str, Item | None, Item | None]]:
    for name in sorted(old.keys() | new.keys()):
        yield name, old.get(name), new.get(name)


def _bases(cls: Class) -> str:
    return f"({', '.join(cls.bases)})"


def _change(
    module: str, symbol: str, part: Part, *, is_there: bool | None, told: tuple[str, str] = ("", "")
) -> Change:
    difference = {
        None: Difference.CHANGED,
        True: Difference.ADDED,
        False: Difference.REMOVED,
    }[is_there]
    return Change(
        symbol=symbol,
        module=module,
        part=part,
        difference=difference,
        before=told[0],
        after=told[1],
    )


def _with_moves(
    changes: Collection[Change], before: HostFacts, after: HostFacts
) -> Iterator[Change]:
    names = {
        change.symbol.rpartition(".")[2]
        for change in changes
        if change.difference is Difference.REMOVED and change.part in _MOVABLE
    }
    had, has = before.defining(names), after.defining(names)
    arrived = after.module_names() - before.module_names()
    for change in changes:
        name = change.symbol.rpartition(".")[2]
        if change.difference is not Difference.REMOVED:
            yield change
        elif change.part is Part.MODULE:
            places = (module for module in arrived if module.rpartition(".")[2] == name)
            yield replace(change, moved_to=tuple(sorted(places)))
        elif change.part in _MOVABLE:
            yield replace(change, moved_to=tuple(sorted({*has[name]} - {*had[name]})))
        else:
            yield change
