"""Everything that a configuration holds, flat, so that two moments of it can be compared."""

import enum
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property

from hwcheck.probe.plain_text import shown
from hwcheck.probe.resolve import bases_of, qualified_name

__all__ = ["Difference", "differences", "snapshot"]

_LONGEST = 200
_DEEPEST = 8
_MOST_ITEMS = 200
_PLAIN = (type(None), bool, int, float, complex, str, bytes, enum.Enum)
_NOTHING = "(nothing)"


@dataclass(frozen=True, slots=True, kw_only=True)
class Difference:
    """One field that is not what it was."""

    path: str
    """Such as ``cache_config.block_size``."""
    before: str
    after: str

    @property
    def text(self) -> str:
        """Both values in one line."""
        return f"{self.path}: {self.before} became {self.after}"


def snapshot(thing: object) -> dict[str, str]:
    """Write down all public fields of an object and of what it holds, by path."""
    return dict(_walk("", thing, ()))


def differences(before: Mapping[str, str], after: Mapping[str, str]) -> tuple[Difference, ...]:
    """Compare two snapshots, field by field, sorted by path."""
    return tuple(
        Difference(path=path, before=before.get(path, _NOTHING), after=after.get(path, _NOTHING))
        for path in sorted({*before, *after})
        if before.get(path) != after.get(path)
    )


def _walk(path: str, value: object, above: tuple[int, ...]) -> Iterator[tuple[str, str]]:
    if id(value) in above or len(above) > _DEEPEST:
        return
    inside = _inside(value)
    if inside is None:
        yield path, _text(value)
        return
    yield f"{path}:", f"{qualified_name(type(value))} of {len(inside)}"
    for key, item in inside.items():
        yield from _walk(f"{path}.{key}" if path else key, item, (*above, id(value)))


def _inside(value: object) -> dict[str, object] | None:
    if isinstance(value, (*_PLAIN, type)):
        return None
    if isinstance(value, Mapping):
        return {shown(key, _LONGEST): item for key, item in list(value.items())[:_MOST_ITEMS]}
    if isinstance(value, list | tuple):
        return {str(number): item for number, item in enumerate(value[:_MOST_ITEMS])}
    if isinstance(value, set | frozenset):
        return dict.fromkeys(sorted(shown(item, _LONGEST) for item in value), None)
    return _fields(value)


def _fields(value: object) -> dict[str, object] | None:
    held = getattr(value, "__dict__", None)
    # A function or a module has one too, and is what it is called.
    if not isinstance(held, dict) or callable(value):
        return None
    return {
        name: item
        for name, item in held.items()
        if not name.startswith("_") and not _is_cached(type(value), name)
    }


def _is_cached(cls: type, name: str) -> bool:
    # Filled in when somebody first looks, which says nothing about the configuration.
    return any(isinstance(vars(base).get(name), cached_property) for base in bases_of(cls))


def _text(value: object) -> str:
    if isinstance(value, _PLAIN) or type(value).__module__ == "torch":
        return shown(value, _LONGEST)
    if isinstance(value, type):
        return qualified_name(value)
    # The texts of other objects hold addresses; only what kind of object it is can be compared.
    name = getattr(value, "__qualname__", None)
    return f"{qualified_name(type(value))} {name or ''}".strip()
