"""Whose an object is, told from what defines it, whatever the object says of itself."""

from functools import partial, partialmethod
from types import CodeType, FunctionType, MethodType, ModuleType

from hwcheck.probe.attribution import Attribution
from hwcheck.probe.plain_text import plain
from hwcheck.probe.resolve import module_of

__all__ = ["code_of", "content_of", "defines", "function_of"]

_MOST_WRAPPERS = 20


def function_of(thing: object) -> FunctionType | None:
    """The function in a method, a descriptor or a partial; ``None`` when there is none."""
    for _ in range(_MOST_WRAPPERS):
        kind = type(thing)
        if kind is FunctionType:
            return thing  # type: ignore[return-value]
        if issubclass(kind, classmethod | staticmethod | MethodType):
            thing = _held(thing, "__func__")
        elif issubclass(kind, property):
            thing = property.__dict__["fget"].__get__(thing)
        elif issubclass(kind, partial | partialmethod):
            thing = _held(thing, "func")
        elif module_of(kind) == "functools":
            # A cached function or property.
            thing = _held(thing, "__wrapped__") or _held(thing, "func")
        else:
            return None
    return None


def code_of(thing: object) -> CodeType | None:
    """The code that runs when something is called or read, ``None`` when it cannot be seen."""
    function = function_of(thing)
    return None if function is None else function.__code__


def content_of(thing: object) -> dict[str, object] | None:
    """The attributes that a module or an instance holds itself."""
    try:
        held = object.__getattribute__(thing, "__dict__")
    except (AttributeError, TypeError):
        return None
    return held if type(held) is dict else None


def defines(attribution: Attribution, thing: object) -> bool:
    """Whether the plugin's source defines a function, class or module.

    Instances are left out: the host itself makes instances of a plugin's classes.
    """
    code = code_of(thing)
    if code is not None:
        return attribution.owns_file(code.co_filename)
    if issubclass(type(thing), type):
        return attribution.owns_module(module_of(thing))  # type: ignore[arg-type]
    if issubclass(type(thing), ModuleType):
        content = content_of(thing) or {}
        file, name = plain(content.get("__file__")), plain(content.get("__name__"))
        return attribution.owns_module(name or "") or attribution.owns_file(file or "")
    return False


def _held(thing: object, name: str) -> object:
    try:
        return object.__getattribute__(thing, name)
    # The thing is of a class of the plugin's own, derived from one that holds it.
    except BaseException:
        return None
