"""The shape of a platform class: every member looked up statically, none of them called."""

import inspect
from collections.abc import Iterable

from hwcheck.model.observation import Described, MemberShape, Parameter
from hwcheck.probe.attribution import Attribution
from hwcheck.probe.parameters import parameters_of
from hwcheck.probe.resolve import qualified_name, source_place

__all__ = ["describe"]

_BOUND_KINDS = frozenset({"method", "classmethod"})
_MISSING = object()


def describe(cls: type, base: type, wanted: Iterable[str], attribution: Attribution) -> Described:
    """Describe all members of a class and of the host's base, and those that are asked for."""
    names = {name for name in (*dir(cls), *dir(base)) if not _is_special(name)} | set(wanted)
    return Described(
        type=qualified_name(cls),
        bases=tuple(qualified_name(item) for item in cls.__mro__),
        members=tuple(_shape(cls, base, name, attribution) for name in sorted(names)),
    )


def _is_special(name: str) -> bool:
    return name.startswith("__") and name.endswith("__")


def _shape(cls: type, base: type, name: str, attribution: Attribution) -> MemberShape:
    owner, member = _find(cls, name)
    _, base_member = _find(base, name)
    kind = _kind(member)
    function = _function(member)
    return MemberShape(
        name=name,
        kind=kind,
        owner=None if owner is None else qualified_name(owner),
        overridden=owner is not None and owner.__module__.partition(".")[0] != "vllm",
        parameters=_parameters(member),
        is_async=inspect.iscoroutinefunction(function),
        place=None if function is None else source_place(function, attribution),
        base_kind=_kind(base_member),
        base_parameters=_parameters(base_member),
    )


def _find(cls: type, name: str) -> tuple[type | None, object]:
    for owner in cls.__mro__:
        if owner is not object and name in vars(owner):
            return owner, vars(owner)[name]
    return None, _MISSING


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
    if inspect.isroutine(member) or (callable(member) and hasattr(member, "__wrapped__")):
        return "method"
    return "attribute"


def _function(member: object) -> object | None:
    if isinstance(member, classmethod | staticmethod):
        return member.__func__
    if isinstance(member, property):
        return member.fget
    return member if inspect.isroutine(member) else getattr(member, "func", None)


def _parameters(member: object) -> tuple[Parameter, ...] | None:
    kind = _kind(member)
    if kind not in ("method", "classmethod", "staticmethod"):
        return None
    function = member.__func__ if isinstance(member, classmethod | staticmethod) else member
    return parameters_of(function, bound=kind in _BOUND_KINDS)
