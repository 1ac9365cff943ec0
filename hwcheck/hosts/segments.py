"""Packed records cut where they are likely to stay the same from release to release."""

from collections.abc import Iterator

from hwcheck.codec import pack
from hwcheck.hosts.called import CalledName, ModuleCalls
from hwcheck.model.facts import Class, Function, Module

__all__ = ["segment_calls", "segment_module"]

#: Fields that are cut into their items.
_CUT = frozenset(("attributes", "bindings", "classes", "conditions", "functions"))


def segment_module(module: Module) -> tuple[bytes, ...]:
    """Pack a module in pieces; joined they are what `pack` makes."""
    return tuple(_cut(module))


def segment_calls(calls: ModuleCalls) -> tuple[bytes, ...]:
    """Pack grouped calls in pieces; joined they are what `pack` makes."""
    pieces = [_array_head(len(calls)), _array_head(len(calls.names))]
    for called in calls.names:
        pieces += (_array_head(len(CalledName._fields)), *map(pack, called))
    return tuple(pieces)


def _cut(record: Module | Class) -> Iterator[bytes]:
    yield _array_head(len(record))
    for field, value in zip(record._fields, record, strict=True):
        if field in _CUT and isinstance(value, tuple):
            yield _array_head(len(value))
            for item in value:
                yield from _cut_item(item)
        else:
            yield pack(value)


def _cut_item(item: object) -> Iterator[bytes]:
    match item:
        case Class():
            yield from _cut(item)
        case Function():
            yield _array_head(len(item))
            head, tail = _halves(item)
            yield head
            yield tail
        case _:
            yield pack(item)


def _halves(function: Function) -> tuple[bytes, bytes]:
    """The signature, and what the body says: bodies change more often."""
    at = Function._fields.index("digest")
    return b"".join(map(pack, function[:at])), b"".join(map(pack, function[at:]))


def _array_head(length: int) -> bytes:
    return pack([None] * length)[: -length or None] if length else pack([])
