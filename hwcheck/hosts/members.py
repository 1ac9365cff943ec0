"""What vLLM relies on in each member of its `Platform`, release by release, as data."""

from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from importlib.resources import files
from typing import Literal

from packaging.version import Version

from hwcheck.codec import decode_line

__all__ = [
    "CallForm",
    "Member",
    "MemberChange",
    "Read",
    "Tier",
    "all_members",
    "members_of",
    "undefined_members_of",
]

_TABLE = "members.json"


class Tier(StrEnum):
    """How much vLLM depends on a member."""

    REQUIRED = "required"
    """Reached in every out-of-tree text generation."""
    CONDITIONAL = "conditional"
    """Reached when a feature is switched on, or when a plugin reuses a part of vLLM."""
    OPTIONAL = "optional"
    DEAD = "dead"
    """Defined, and used by nothing."""
    INTERNAL = "internal"
    """Private to `Platform`."""


class Read(StrEnum):
    """How a member can be read in a process that must not touch a device."""

    VALUE = "value"
    """An attribute or property: read it."""
    CALL = "call"
    """Call it without arguments: it answers from constants and has no side effect."""
    NONE = "none"
    """Do not: it takes arguments, asks the device, or changes something."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CallForm:
    """One way in which vLLM calls a member, without the bound first parameter."""

    positional: int
    keywords: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class MemberChange:
    """How a release changed a member."""

    release: str
    what: str
    """``signature`` or ``default``."""
    before: str
    after: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Member:
    """One member of `Platform`, and what vLLM does with it."""

    name: str
    tier: Tier
    """As of the newest release in the table."""
    since: str
    """The first release known to have it; the table begins with 0.9.2."""
    until: str | None = None
    """The last release known to have it, for one that was removed."""
    removed_in: str | None = None
    kind: str
    """As `MemberShape.kind` names it; ``undefined`` for what vLLM uses and `Platform` lacks."""
    read: Read
    returns: str
    """What vLLM can work with, from a small vocabulary: ``bool``, ``class path``, ``any``, ..."""
    calls: tuple[CallForm, ...] = ()
    """How vLLM calls it since `calls_since`; empty when nothing calls it."""
    calls_since: str | None = None
    must_override: bool = False
    """The inherited one is unusable for every plugin, in every start."""
    base_raises: bool = False
    """The inherited one only raises, so it is worth calling only where a plugin defines it."""
    relied_on_by: str
    effect: str
    """What happens when it is wrong or missing."""
    base: str | None = None
    """For a getter of a class path: the base that the class must have."""
    base_before: tuple[tuple[str, str], ...] = ()
    """Where the base was before a release, oldest first: (release, path)."""
    signature: str = ""
    """In the newest release of the table, as its source has it."""
    processes: str = ""
    """Where it is reached: Frontend, model Inspection, Engine core, Worker; by their letters."""
    rules: tuple[str, ...] = ()
    """What holds for a member that vLLM can work with, besides its kind and type."""
    changes: tuple[MemberChange, ...] = ()
    """Oldest first."""

    def calls_in(self, host_version: str) -> tuple[CallForm, ...]:
        """The forms in which that host calls it; empty when they are not known for it."""
        known = self.calls_since is not None and _release(host_version) >= _release(
            self.calls_since
        )
        return self.calls if known else ()

    def base_in(self, host_version: str) -> str | None:
        """The base that the class must have in that host."""
        for before, path in self.base_before:
            if _release(host_version) < _release(before):
                return path
        return self.base


@dataclass(frozen=True, slots=True, kw_only=True)
class _Table:
    schema: Literal["hwcheck.members"]
    version: Literal[1]
    members: tuple[Member, ...]
    undefined: tuple[Member, ...]


def members_of(host_version: str) -> tuple[Member, ...]:
    """Select the members that `Platform` has in a release, sorted by name."""
    return _existing(_table().members, host_version)


def undefined_members_of(host_version: str) -> tuple[Member, ...]:
    """Select the names that a release asks of a platform although `Platform` lacks them.

    A plugin that defines one of these is not misspelling anything.
    """
    return _existing(_table().undefined, host_version)


def all_members() -> tuple[Member, ...]:
    """Give every member of any release, with what vLLM asks for and `Platform` lacks."""
    return (*_table().members, *_table().undefined)


@cache
def _table() -> _Table:
    data = (files("hwcheck.hosts") / "data" / _TABLE).read_bytes()
    return decode_line(data, _Table, _TABLE)


def _existing(members: tuple[Member, ...], host_version: str) -> tuple[Member, ...]:
    host = _release(host_version)
    return tuple(
        member
        for member in sorted(members, key=lambda item: item.name)
        if _release(member.since) <= host
        and (member.removed_in is None or host < _release(member.removed_in))
    )


def _release(version: str) -> Version:
    # Release candidates, nightlies and local builds have the members of the release they lead to.
    return Version(Version(version).base_version)
