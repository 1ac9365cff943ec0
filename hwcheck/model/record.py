"""The lines that the pytest plugin leaves for whoever reads a run while it goes on."""

from dataclasses import dataclass

from hwcheck.model.capability import MemberReading
from hwcheck.model.contract import Contract
from hwcheck.model.effect import Effect
from hwcheck.model.outcome import Outcome
from hwcheck.model.pairs import PairPlan
from hwcheck.model.patch import Patch
from hwcheck.model.plugin import Host, Plugin, Problem
from hwcheck.model.run import ChildSummary
from hwcheck.model.run_plan import RunPlan
from hwcheck.model.served import EngineSeen

__all__ = ["Heading", "RecordLine"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Heading:
    """The first line: what is tested, and how many cases there will be."""

    plugin: Plugin
    host: Host | None
    problems: tuple[Problem, ...]
    cases: int
    """0 when it is not known beforehand (pytest-xdist)."""
    known: tuple[str, ...] = ()
    """All contracts that were collected."""
    whole: tuple[str, ...] = ()
    """Those of which no test was deselected."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordLine:
    """One line; the fields that are set belong together."""

    heading: Heading | None = None
    plan: RunPlan | None = None
    """Behind the heading, unless pytest-xdist keeps it from being known."""
    contract: Contract | None = None
    """Written before the first outcome of it."""
    outcome: Outcome | None = None
    child: ChildSummary | None = None
    reading: MemberReading | None = None
    effect: Effect | None = None
    patch: Patch | None = None
    engine: EngineSeen | None = None
    pairs: PairPlan | None = None
    """Written before the engines that it plans are started."""
    torch: str | None = None
    """The version of torch that the children saw."""
    python: str | None = None
    """The version of the children's interpreter."""
    stubbed: tuple[str, ...] | None = None
    """The modules that stand-ins took the place of; in the last line, where they were asked for."""
    finished: int | None = None
    """pytest's exit code, in the last line."""
    unreported: int = 0
    """In the last line: how many tests of contracts have no outcome."""
