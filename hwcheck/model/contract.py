"""Contracts: what the suite checks, and the profiles that require them."""

from dataclasses import dataclass
from enum import StrEnum

__all__ = ["Contract", "Profile"]


class Profile(StrEnum):
    """A required set of contracts; later ones include nothing of the earlier by themselves."""

    P0 = "P0"
    P1 = "P1"
    P2 = "P2"
    P3 = "P3"
    P4 = "P4"

    @property
    def meaning(self) -> str:
        """What a plugin that keeps this profile does."""
        return _TITLES[self]


_TITLES = {
    Profile.P0: "Loads",
    Profile.P1: "Fits this vLLM",
    Profile.P2: "Serves",
    Profile.P3: "Extended",
    Profile.P4: "Production",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Contract:
    """One thing that vLLM relies on; its id is permanent."""

    id: str
    profile: Profile
    title: str
    """A statement that holds for a conforming plugin."""
    relied_on_by: str
    """Who in vLLM relies on it, by file and function."""
    remedy: str
    """What the author of a plugin does when it is broken."""
    checked: str = ""
    """How it is checked: what is looked at or generated, and what counts as a breach."""
    examined_in: str = ""
    """The child that judges it by itself; empty where the suite judges what a child saw."""
    seen_in: str = ""
    """What is started for such contracts alone; empty where the usual children do.

    ``life`` is a child of its own, ``spawned`` are processes that the active child starts.
    """
    group: str = ""
    """An optional part of the profile, run on request: ``operators``; empty for the rest."""
    members: tuple[str, ...] = ()
    """The members of vLLM's ``Platform`` that it is about; empty where its cases name them."""
    since: str | None = None
    """The first vLLM release that it applies to; ``None`` for all."""
