"""Class paths as vLLM resolves them, and what can be seen of the class without making one."""

import inspect
from collections.abc import Mapping
from importlib import import_module

from hwcheck.model.observation import ClassSeen, Parameter
from hwcheck.model.outcome import Place
from hwcheck.probe.attribution import Attribution
from hwcheck.probe.parameters import parameters_of
from hwcheck.probe.plain_text import plain, shown

__all__ = [
    "bases_of",
    "class_seen",
    "module_of",
    "namespace_of",
    "owner_of",
    "qualified_name",
    "resolve",
    "source_place",
]

_LONGEST_NAME = 300


def resolve(path: str) -> object:
    """Import what a class path names: everything after the last dot is the attribute.

    Raises ValueError: no dot. ImportError, AttributeError: nothing there.
    """
    module, name = path.rsplit(".", 1)
    return getattr(import_module(module), name)


def qualified_name(cls: type) -> str:
    """The module and qualified name of a class in one word."""
    name = type.__dict__["__qualname__"].__get__(cls)
    return f"{module_of(cls)}.{name}"


def module_of(cls: type) -> str:
    """The module that a class says it is from."""
    return shown(type.__dict__["__module__"].__get__(cls), _LONGEST_NAME, quoted=False)


def bases_of(cls: type) -> tuple[type, ...]:
    """The method resolution order of a class, whatever its metaclass makes of attributes."""
    order: tuple[type, ...] = type.__dict__["__mro__"].__get__(cls)
    return order


def namespace_of(cls: type) -> Mapping[str, object]:
    """What the body of a class defines, whatever its metaclass makes of attributes."""
    namespace: Mapping[str, object] = type.__dict__["__dict__"].__get__(cls)
    return namespace


def owner_of(cls: type, name: str) -> type | None:
    """The class that defines a member, `object` left out; ``None`` when none does."""
    for owner in bases_of(cls):
        if owner is not object and name in namespace_of(owner):
            return owner
    return None


def source_place(thing: object, attribution: Attribution) -> Place | None:
    """Where a class or function is defined, ``None`` when its source is not to be had."""
    try:
        unwrapped = inspect.unwrap(thing) if callable(thing) else thing
        code = getattr(unwrapped, "__code__", None)
        if code is not None:
            return attribution.place(code.co_filename, code.co_firstlineno, code.co_name)
        file = inspect.getsourcefile(unwrapped)  # type: ignore[arg-type]
        line = inspect.getsourcelines(unwrapped)[1]  # type: ignore[arg-type]
    # The thing may be the plugin's own object, which can raise anything when it is asked.
    except BaseException:
        return None
    if file is None:
        return None
    return attribution.place(file, line, plain(getattr(thing, "__qualname__", None)))


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
        bases=tuple(qualified_name(base) for base in bases_of(thing)),
        abstract=_abstract(thing),
        constructor=_constructor(thing, of_host=False),
        host_constructor=_constructor(thing, of_host=True),
        place=source_place(thing, attribution),
    )


def _abstract(cls: type) -> tuple[str, ...]:
    names = namespace_of(cls).get("__abstractmethods__", ())
    return tuple(sorted(names)) if isinstance(names, frozenset | set) else ()


def _constructor(cls: type, *, of_host: bool) -> tuple[Parameter, ...] | None:
    for owner in bases_of(cls):
        is_host = module_of(owner).partition(".")[0] == "vllm"
        if "__init__" not in namespace_of(owner):
            continue
        if is_host is of_host:
            return parameters_of(namespace_of(owner)["__init__"], bound=True)
        if not of_host:
            return None
    return None
