"""Class paths as vLLM resolves them, and what can be seen of the class without making one."""

import inspect
from importlib import import_module

from hwcheck.model.observation import ClassSeen, Parameter
from hwcheck.model.outcome import Place
from hwcheck.probe.attribution import Attribution
from hwcheck.probe.parameters import parameters_of

__all__ = ["class_seen", "qualified_name", "resolve", "source_place"]


def resolve(path: str) -> object:
    """Import what a class path names: everything after the last dot is the attribute.

    Raises ValueError: no dot. ImportError, AttributeError: nothing there.
    """
    module, name = path.rsplit(".", 1)
    return getattr(import_module(module), name)


def qualified_name(cls: type) -> str:
    """The module and qualified name of a class in one word."""
    return f"{cls.__module__}.{cls.__qualname__}"


def source_place(thing: object, attribution: Attribution) -> Place | None:
    """Where a class or function is defined, ``None`` when its source is not to be had."""
    try:
        unwrapped = inspect.unwrap(thing) if callable(thing) else thing
        code = getattr(unwrapped, "__code__", None)
        if code is not None:
            return attribution.place(code.co_filename, code.co_firstlineno, code.co_name)
        file = inspect.getsourcefile(unwrapped)  # type: ignore[arg-type]
        line = inspect.getsourcelines(unwrapped)[1]  # type: ignore[arg-type]
    except (TypeError, OSError, ValueError):
        return None
    if file is None:
        return None
    return attribution.place(file, line, getattr(thing, "__qualname__", None))


def class_seen(path: str, thing: object, attribution: Attribution) -> ClassSeen:
    """Describe what a class path resolved to."""
    if not isinstance(thing, type):
        return ClassSeen(
            path=path,
            is_class=False,
            type=qualified_name(type(thing)),
            bases=(),
            place=source_place(thing, attribution),
        )
    return ClassSeen(
        path=path,
        is_class=True,
        type=qualified_name(thing),
        bases=tuple(qualified_name(base) for base in thing.__mro__),
        abstract=tuple(sorted(getattr(thing, "__abstractmethods__", ()))),
        constructor=_constructor(thing, of_host=False),
        host_constructor=_constructor(thing, of_host=True),
        place=source_place(thing, attribution),
    )


def _constructor(cls: type, *, of_host: bool) -> tuple[Parameter, ...] | None:
    for owner in cls.__mro__:
        is_host = owner.__module__.partition(".")[0] == "vllm"
        if "__init__" not in vars(owner):
            continue
        if is_host is of_host:
            return parameters_of(vars(owner)["__init__"], bound=True)
        if not of_host:
            return None
    return None
