"""Words for objects of anybody's, the same in every run."""

import re
from types import ModuleType

from hwcheck.probe.own_objects import content_of, function_of
from hwcheck.probe.plain_text import plain, shown
from hwcheck.probe.resolve import qualified_name

__all__ = ["described"]

_ADDRESS = re.compile(r" at 0x[0-9a-f]+")
_LONGEST = 160


def described(thing: object) -> str:
    """Name a class, function or module; show anything else, without its address."""
    if issubclass(type(thing), type):
        return f"class {qualified_name(thing)}"  # type: ignore[arg-type]
    if issubclass(type(thing), ModuleType):
        return f"module {plain((content_of(thing) or {}).get('__name__'))}"
    function = function_of(thing)
    if function is not None:
        return f"{plain(function.__module__)}.{function.__qualname__}"
    return _ADDRESS.sub("", shown(thing, _LONGEST))
