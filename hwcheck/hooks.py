"""What extensions of hwcheck implement: hooks, and the protocols of what these return.

An extension is a distribution with an entry point in the group ``hwcheck``, whose module holds
functions marked with `hookimpl`. Each returns an iterable of objects; none has a side effect.
"""

from collections.abc import Iterable
from typing import Protocol, runtime_checkable

import pluggy

from hwcheck.model.capability import Capability
from hwcheck.model.plugin import Host
from hwcheck.model.run import Run

__all__ = [
    "ENTRY_POINT_GROUP",
    "PROJECT",
    "HostSource",
    "Reporter",
    "Rule",
    "Suite",
    "hookimpl",
    "hookspec",
]

PROJECT = "hwcheck"
ENTRY_POINT_GROUP = "hwcheck"

hookspec = pluggy.HookspecMarker(PROJECT)
hookimpl = pluggy.HookimplMarker(PROJECT)


@runtime_checkable
class HostSource(Protocol):
    """A way to find the vLLM that plugins are run under."""

    @property
    def name(self) -> str:
        """Unique among host sources."""
        ...

    def find(self) -> Host | None:
        """Find the host without importing it; ``None`` when there is none here."""
        ...


@runtime_checkable
class Suite(Protocol):
    """A conformance suite that pytest runs by name with ``--pyargs``."""

    @property
    def name(self) -> str:
        """Unique among suites."""
        ...

    @property
    def package(self) -> str:
        """The importable package that holds the test modules."""
        ...


@runtime_checkable
class Rule(Protocol):
    """A static rule."""

    @property
    def id(self) -> str:
        """Unique among rules; permanent."""
        ...

    @property
    def title(self) -> str:
        """What is wrong when the rule is broken."""
        ...


@runtime_checkable
class Reporter(Protocol):
    """A form in which a run is shown."""

    @property
    def name(self) -> str:
        """The word after ``--format``; unique among reporters."""
        ...

    @property
    def suffix(self) -> str:
        """What a file in this form is called after the dot."""
        ...

    def render(self, run: Run) -> str:
        """Render a run; pure, the same text for the same run."""
        ...


@hookspec
def hwcheck_hosts() -> Iterable[HostSource]:  # type: ignore[empty-body]
    """Return further ways to find the installed vLLM."""


@hookspec
def hwcheck_suites() -> Iterable[Suite]:  # type: ignore[empty-body]
    """Return further conformance suites; they run after the built-in one, in the same pytest."""


@hookspec
def hwcheck_capabilities() -> Iterable[Capability]:  # type: ignore[empty-body]
    """Return further capabilities, with the outcome ids that are evidence for them."""


@hookspec
def hwcheck_rules() -> Iterable[Rule]:  # type: ignore[empty-body]
    """Return further static rules."""


@hookspec
def hwcheck_reporters() -> Iterable[Reporter]:  # type: ignore[empty-body]
    """Return further reporters."""


@hookspec
def hwcheck_finished(run: Run) -> None:
    """Take notice of a finished run, complete or not; what it returns is ignored."""
