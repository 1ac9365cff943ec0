"""Classes of the standard library that classes of both sides inherit from, seen into."""

import abc
import builtins
import enum
import typing
from functools import cache

__all__ = ["is_enum", "is_field_maker", "is_plain_decorator", "names_of"]

_MODULES = {"abc": abc, "builtins": builtins, "enum": enum, "typing": typing}

#: What tuples with names have besides their fields.
_NAMED_TUPLE = frozenset(dir(tuple)) | {
    "_asdict",
    "_field_defaults",
    "_fields",
    "_make",
    "_replace",
}

#: What messages of ``msgspec`` have besides their fields.
_STRUCT = frozenset(dir(object)) | {"__struct_config__", "__struct_fields__"}

_SPECIAL = {
    "typing.NamedTuple": _NAMED_TUPLE,
    "typing_extensions.NamedTuple": _NAMED_TUPLE,
    "typing.TypedDict": frozenset(dir(dict)),
    "typing_extensions.TypedDict": frozenset(dir(dict)),
    "typing.Protocol": frozenset(dir(object)),
    "typing_extensions.Protocol": frozenset(dir(object)),
    "typing.Generic": frozenset(dir(object)),
    "msgspec.Struct": _STRUCT,
}

#: Members that the standard library's descriptors hide from ``dir`` of an enumeration.
_ENUM = frozenset({"name", "value", "_name_", "_value_", "_missing_", "_generate_next_value_"})

#: Class decorators that add no attribute; the last part of their names.
_PLAIN = frozenset(
    {
        "bc_linter_include",
        "bc_linter_skip",
        "config",
        "dataclass",
        "deprecated",
        "final",
        "runtime_checkable",
        "total_ordering",
        "unique",
        "verify",
    }
)

#: Class decorators that make a constructor from the annotated fields.
_MAKERS = frozenset({"dataclass", "config"})


@cache
def names_of(symbol: str) -> frozenset[str] | None:
    """Name the attributes that a class passes on; ``None`` when it cannot be seen into."""
    if symbol in _SPECIAL:
        return _SPECIAL[symbol]
    module, _, name = symbol.rpartition(".")
    found = getattr(_MODULES.get(module), name, None)
    if not isinstance(found, type):
        return None
    names = frozenset(dir(found))
    return names | _ENUM if issubclass(found, enum.Enum) else names


@cache
def is_enum(symbol: str) -> bool:
    """Tell whether a class of the standard library makes enumerations."""
    module, _, name = symbol.rpartition(".")
    found = getattr(enum, name, None) if module == "enum" else None
    return isinstance(found, type) and issubclass(found, enum.Enum)


@cache
def is_plain_decorator(chain: str) -> bool:
    """Tell whether a class decorator adds no attributes."""
    last = chain.removesuffix("()").rpartition(".")[2]
    return last in _PLAIN or "register" in last


@cache
def is_field_maker(chain: str) -> bool:
    """Tell whether a class decorator makes the constructor from fields."""
    return chain.removesuffix("()").rpartition(".")[2] in _MAKERS
