"""What vLLM relies on in the bases of a plugin's other classes, release by release, as data."""

from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from importlib.resources import files
from typing import Literal

from packaging.version import Version

from hwcheck.codec import decode_line
from hwcheck.hosts.members import CallForm

__all__ = ["Base", "BaseCall", "GoneMember", "Need", "base_of"]

_TABLE = "bases.json"


class Need(StrEnum):
    """When vLLM makes a call."""

    ALWAYS = "always"
    """Wherever the class is used, and the base has nothing usable."""
    PROVIDED = "provided"
    """Wherever the class is used; the base has one that works for most."""
    FEATURE = "feature"
    """When a feature is switched on."""


@dataclass(frozen=True, slots=True, kw_only=True)
class BaseCall:
    """One way in which vLLM calls a method of a class that a plugin derives."""

    name: str
    need: Need
    feature: str = ""
    """What has to be switched on, for a call that a feature needs."""
    since: str
    """The first release that calls it so; the table begins with 0.9.0."""
    removed_in: str | None = None
    positional: int
    keywords: tuple[str, ...] = ()
    relied_on_by: str
    effect: str
    """What happens when the call fails."""

    @property
    def form(self) -> CallForm:
        """The call without the bound first parameter."""
        return CallForm(positional=self.positional, keywords=self.keywords)


@dataclass(frozen=True, slots=True, kw_only=True)
class GoneMember:
    """A member that the base once had and nothing in vLLM calls any more."""

    name: str
    since: str
    removed_in: str
    successor: str | None = None
    """The member that vLLM asks instead."""
    effect: str
    """What an override does not do any more."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Base:
    """A class of vLLM's from which plugins derive their own."""

    name: str
    path: str
    path_before: tuple[tuple[str, str], ...] = ()
    """Where it was before a release, oldest first: (release, path)."""
    calls: tuple[BaseCall, ...]
    gone: tuple[GoneMember, ...]

    def path_in(self, host_version: str) -> str:
        """Where that host has it."""
        for before, path in self.path_before:
            if _release(host_version) < _release(before):
                return path
        return self.path

    def calls_in(self, host_version: str) -> tuple[BaseCall, ...]:
        """The calls that a host makes."""
        host = _release(host_version)
        return tuple(
            call
            for call in self.calls
            if _release(call.since) <= host
            and (call.removed_in is None or host < _release(call.removed_in))
        )

    def gone_in(self, host_version: str) -> tuple[GoneMember, ...]:
        """The members that a host does not have any more."""
        host = _release(host_version)
        return tuple(item for item in self.gone if _release(item.removed_in) <= host)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Table:
    schema: Literal["hwcheck.bases"]
    version: Literal[1]
    bases: tuple[Base, ...]


def base_of(name: str) -> Base:
    """Look up one base by its name in the table: ``worker``, ``attention-backend``, ...

    Raises KeyError: the table has no such base.
    """
    return _table()[name]


@cache
def _table() -> dict[str, Base]:
    data = (files("hwcheck.hosts") / "data" / _TABLE).read_bytes()
    return {base.name: base for base in decode_line(data, _Table, _TABLE).bases}


def _release(version: str) -> Version:
    # Release candidates, nightlies and local builds have the members of the release they lead to.
    return Version(Version(version).base_version)
