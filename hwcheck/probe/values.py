"""The value of a platform member in a form that can leave the process."""

import inspect
from collections.abc import Mapping

from hwcheck.model.observation import ValueSeen
from hwcheck.probe.resolve import qualified_name

__all__ = ["read_value", "value_seen"]

_LONGEST = 200
_MOST_ITEMS = 200


def read_value(platform: object, name: str, *, call: bool) -> ValueSeen:
    """Read a member, or call it without arguments, as vLLM would.

    A name that only `Platform.__getattr__` answers for counts as missing: vLLM then
    works with ``None`` without noticing.
    """
    try:
        inspect.getattr_static(type(platform), name)
    except AttributeError:
        if name not in getattr(platform, "__dict__", {}):
            return ValueSeen(name=name, type="missing", text="(not defined)", truth=False)
    value = getattr(platform, name)
    return value_seen(name, value() if call else value)


def value_seen(name: str, value: object) -> ValueSeen:
    """Describe a value by type, text and, for containers, items."""
    items = _items(value)
    return ValueSeen(
        name=name,
        type=type(value).__qualname__,
        text=_text(value),
        truth=bool(value),
        string=str(value) if isinstance(value, str) else None,
        number=int(value) if isinstance(value, int) and not isinstance(value, bool) else None,
        items=None if items is None else tuple(_text(item) for item in items),
        item_types=None if items is None else tuple(type(item).__qualname__ for item in items),
        type_bases=tuple(qualified_name(base) for base in type(value).__mro__),
    )


def _items(value: object) -> list[object] | None:
    if isinstance(value, Mapping):
        return list(value)[:_MOST_ITEMS]
    if isinstance(value, list | tuple | set | frozenset):
        items = list(value)
        return (items if isinstance(value, list | tuple) else sorted(items, key=repr))[:_MOST_ITEMS]
    return None


def _text(value: object) -> str:
    text = value if isinstance(value, str) else repr(value)
    return text if len(text) <= _LONGEST else text[:_LONGEST] + "..."
