"""The shape of a platform class: every member looked up statically, none of them called."""

import inspect
from collections.abc import Iterable
from dataclasses import replace
from functools import partial, partialmethod, singledispatchmethod

from hwcheck.model.observation import Described, MemberShape, Parameter
from hwcheck.probe.attribution import Attribution
from hwcheck.probe.parameters import parameters_of
from hwcheck.probe.plain_text import plain
from hwcheck.probe.resolve import (
    bases_of,
    module_of,
    namespace_of,
    owner_of,
    qualified_name,
    source_place,
)

__all__ = ["describe"]

_BOUND_KINDS = frozenset({"method", "classmethod"})
_MISSING = object()


def describe(cls: type, base: type, wanted: Iterable[str], attribution: Attribution) -> Described:
    """Describe all members of a class and of the host's base, and those that are asked for."""
    names = {name for name in (*_defined(cls), *_defined(base)) if not _is_special(name)}
    return Described(
        type=qualified_name(cls),
        bases=tuple(qualified_name(item) for item in bases_of(cls)),
        members=tuple(_shape(cls, base, name, attribution) for name in sorted(names | set(wanted))),
    )


def _defined(cls: type) -> set[str]:
    # Not `dir`, which a metaclass can make answer anything.
    names = (name for owner in bases_of(cls) if owner is not object for name in namespace_of(owner))
    return {name for name in map(plain, names) if name is not None}


def _is_special(name: str) -> bool:
    return name.startswith("__") and name.endswith("__")


def _shape(cls: type, base: type, name: str, attribution: Attribution) -> MemberShape:
    owner, member = _find(cls, name)
    _, base_member = _find(base, name)
    known = MemberShape(
        name=name,
        kind="missing" if member is _MISSING else "attribute",
        owner=None if owner is None else qualified_name(owner),
        overridden=owner is not None and module_of(owner).partition(".")[0] != "vllm",
        base_kind=_kind(base_member),
        base_parameters=_parameters(base_member),
    )
    try:
        function = _function(member)
        return replace(
            known,
            kind=_kind(member),
            parameters=_parameters(member),
            is_async=inspect.iscoroutinefunction(function),
            place=None if function is None else source_place(function, attribution),
        )
    # A member that is an object of the plugin's own can raise anything when it is looked at.
    except BaseException:
        return known


def _find(cls: type, name: str) -> tuple[type | None, object]:
    owner = owner_of(cls, name)
    return owner, _MISSING if owner is None else namespace_of(owner)[name]


def _kind(member: object) -> str:
    if member is _MISSING:
        return "missing"
    if isinstance(member, classmethod):
        return "classmethod"
    if isinstance(member, staticmethod):
        return "staticmethod"
    if isinstance(member, property) or (
        hasattr(type(member), "__get__") and type(member).__name__ == "cached_property"
    ):
        return "property"
    if isinstance(member, partialmethod | singledispatchmethod) or _is_function(member):
        return "method"
    return "attribute"


def _is_function(member: object) -> bool:
    # Not `inspect.isroutine`, which takes every descriptor of somebody's own for a method.
    # A partial has `__get__` since Python 3.13, to warn that it will bind one day.
    if not callable(member) or isinstance(member, type | partial):
        return False
    return hasattr(type(member), "__get__") or hasattr(member, "__wrapped__")


def _function(member: object) -> object | None:
    if isinstance(member, classmethod | staticmethod):
        return member.__func__
    if isinstance(member, property):
        return member.fget
    return member if _is_function(member) else getattr(member, "func", None)


def _parameters(member: object) -> tuple[Parameter, ...] | None:
    kind = _kind(member)
    if kind == "attribute" and callable(member) and not isinstance(member, type):
        # `functools.partial` and the like: what has no `__get__` is called as it is.
        return parameters_of(member, bound=False)
    if kind not in ("method", "classmethod", "staticmethod"):
        return None
    function = member.__func__ if isinstance(member, classmethod | staticmethod) else member
    return parameters_of(function, bound=kind in _BOUND_KINDS)
