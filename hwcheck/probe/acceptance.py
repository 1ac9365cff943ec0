"""Whether a function accepts every call that another one accepts."""

import inspect
from collections.abc import Sequence
from inspect import Parameter

from hwcheck.probe.own_objects import function_of

__all__ = ["refused_call"]

_POSITIONAL = (Parameter.POSITIONAL_ONLY, Parameter.POSITIONAL_OR_KEYWORD)
_MOST_BY_PLACE = 5
_NAMED = (Parameter.POSITIONAL_OR_KEYWORD, Parameter.KEYWORD_ONLY)


def refused_call(original: object, replacement: object, *, in_class: bool) -> str | None:
    """Name a call that the original accepts and the replacement does not; ``None`` if unknown."""
    if in_class:
        kinds = _kind(original), _kind(replacement)
        if "property" in kinds and kinds[0] != kinds[1] and None not in kinds:
            return f"what a {kinds[0]} accepts: it is a {kinds[1]}"
        if kinds == ("classmethod", "method"):
            return "a call on the class: it is a plain method"
        if kinds == ("staticmethod", "method"):
            # Reached through the class, as static methods are, a function is just that.
            in_class = False
        if "property" in kinds or None in kinds:
            return None
    wanted = _parameters(original, in_class=in_class, follow=True)
    offered = _parameters(replacement, in_class=in_class, follow=False)
    if wanted is None or offered is None:
        return None
    return _refused(wanted, offered)


def _kind(member: object) -> str | None:
    for cls in (classmethod, staticmethod, property):
        if issubclass(type(member), cls):
            return cls.__name__
    return "method" if function_of(member) is member else None


def _parameters(member: object, *, in_class: bool, follow: bool) -> list[Parameter] | None:
    function = function_of(member)
    if function is None:
        return None
    try:
        # A wrapper says with `functools.wraps` that it is what it wraps; only its own counts.
        signature = inspect.signature(function, follow_wrapped=follow)
    # Defaults are anybody's objects.
    except Exception:
        return None
    items = list(signature.parameters.values())
    if in_class and _kind(member) in ("method", "classmethod"):
        items = items[1:] if items and items[0].kind in _POSITIONAL else items
    return items


def _refused(wanted: Sequence[Parameter], offered: Sequence[Parameter]) -> str | None:
    places = [item for item in offered if item.kind in _POSITIONAL]
    by_name = {item.name: item for item in offered if item.kind in _NAMED}
    kinds = {item.kind for item in offered}
    any_place, any_name = Parameter.VAR_POSITIONAL in kinds, Parameter.VAR_KEYWORD in kinds
    given = [item for item in wanted if item.kind in _POSITIONAL]
    for index, item in enumerate(given):
        if index >= len(places) and not any_place:
            return f"{item.name!r} as argument {index + 1}"
        there = _place_of(item.name, places, index)
        # So far into a list of arguments, calls give names.
        if item.kind in _NAMED and there != index and index < _MOST_BY_PLACE:
            return f"{item.name!r} as argument {index + 1}, which it takes as argument {there + 1}"
    for item in wanted:
        if item.kind in _NAMED and item.name not in by_name and not any_name:
            return f"{item.name!r} as a keyword"
    if any(item.kind is Parameter.VAR_POSITIONAL for item in wanted) and not any_place:
        return "any number of arguments"
    if any(item.kind is Parameter.VAR_KEYWORD for item in wanted) and not any_name:
        return "any keywords"
    return _demanded(wanted, given, offered, places)


def _place_of(name: str, places: Sequence[Parameter], otherwise: int) -> int:
    return next((place for place, item in enumerate(places) if item.name == name), otherwise)


def _demanded(
    wanted: Sequence[Parameter],
    given: Sequence[Parameter],
    offered: Sequence[Parameter],
    places: Sequence[Parameter],
) -> str | None:
    required = [item for item in given if item.default is Parameter.empty]
    sure = {item.name for item in wanted if item.default is Parameter.empty}
    filled = {item.name for item in places[: len(required)]}
    for item in offered:
        if item.kind in (Parameter.VAR_POSITIONAL, Parameter.VAR_KEYWORD):
            continue
        if item.default is Parameter.empty and item.name not in filled | sure:
            return f"a call without {item.name!r}"
    return None
