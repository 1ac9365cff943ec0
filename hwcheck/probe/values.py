"""The value of a platform member in a form that can leave the process."""

from collections.abc import Iterable, Mapping
from itertools import islice

from hwcheck.model.observation import ValueSeen
from hwcheck.probe.plain_text import plain, shown
from hwcheck.probe.resolve import bases_of, owner_of, qualified_name

__all__ = ["read_value", "value_seen"]

_LONGEST = 200
_MOST_ITEMS = 200
#: What the reply's reader can hold.
_LARGEST_NUMBER = 2**63 - 1


def read_value(platform: object, name: str, *, call: bool) -> ValueSeen:
    """Read a member, or call it without arguments, as vLLM would.

    A name that only `Platform.__getattr__` answers for counts as missing: vLLM then
    works with ``None`` without noticing.
    """
    if owner_of(type(platform), name) is None and name not in _held(platform):
        return ValueSeen(name=name, type="missing", text="(not defined)", truth=False)
    value = getattr(platform, name)
    return value_seen(name, value() if call else value)


def value_seen(name: str, value: object) -> ValueSeen:
    """Describe a value by type, text and, for containers, items."""
    items = _items(value)
    return ValueSeen(
        name=name,
        type=_type_name(value),
        text=_text(value),
        truth=_truth(value),
        string=plain(value),
        number=_number(value),
        items=None if items is None else tuple(_text(item) for item in items),
        item_types=None if items is None else tuple(_type_name(item) for item in items),
        type_bases=tuple(qualified_name(base) for base in bases_of(type(value))),
    )


def _held(platform: object) -> dict[str, object]:
    try:
        held: dict[str, object] = object.__getattribute__(platform, "__dict__")
    except AttributeError:
        return {}
    return held


def _type_name(value: object) -> str:
    name: str = type.__dict__["__qualname__"].__get__(type(value))
    return name


def _truth(value: object) -> bool:
    try:
        return bool(value)
    # An array of several numbers refuses to be true or false; such a value claims nothing.
    except BaseException:
        return False


def _number(value: object) -> int | None:
    if not issubclass(type(value), int) or type(value) is bool:
        return None
    number = int.__index__(value)  # type: ignore[arg-type]
    return number if abs(number) <= _LARGEST_NUMBER else None


def _items(value: object) -> list[object] | None:
    kind = type(value)
    try:
        if issubclass(kind, list | tuple | Mapping):
            return _first(value)  # type: ignore[arg-type]
        if issubclass(kind, set | frozenset):
            return sorted(value, key=_text)[:_MOST_ITEMS]  # type: ignore[call-overload, no-any-return]
    # Going through a container of the plugin's own can raise anything.
    except BaseException:
        return None
    return None


def _first(items: Iterable[object]) -> list[object]:
    return list(islice(items, _MOST_ITEMS))


def _text(value: object) -> str:
    text = plain(value)
    if text is None:
        return shown(value, _LONGEST)
    return text if len(text) <= _LONGEST else text[:_LONGEST] + "..."
