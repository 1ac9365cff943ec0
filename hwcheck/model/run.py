"""The run: everything learned about one plugin on one host on one machine."""

from dataclasses import dataclass
from enum import StrEnum

from hwcheck.model.capability import Capability, MemberReading, Standing
from hwcheck.model.check import Check
from hwcheck.model.contract import Contract, Profile
from hwcheck.model.effect import Effect
from hwcheck.model.outcome import Outcome, OutcomeState
from hwcheck.model.pairs import PairPlan
from hwcheck.model.patch import Patch
from hwcheck.model.plugin import Host, Plugin, Problem
from hwcheck.model.served import EngineSeen
from hwcheck.model.waiver import WaiverUse

__all__ = ["ChildSummary", "Environment", "ProfileResult", "Run", "Verdict"]


class Verdict(StrEnum):
    """What a run says about a profile."""

    KEPT = "kept"
    BROKEN = "broken"
    PARTIAL = "partial"
    """Nothing is broken, but something required was not measured."""
    NOT_MEASURED = "not-measured"
    WAIVED = "waived"
    """Nothing is broken besides what waivers cover."""
    FLAKY = "flaky"
    """Nothing is always broken, and something is sometimes."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Environment:
    """What the run was measured with."""

    hwcheck: str
    python: str
    torch: str | None
    system: str
    machine: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ProfileResult:
    """One profile: its verdict and the number of cases in each state."""

    profile: Profile
    verdict: Verdict
    passed: int
    broken: int
    not_applicable: int
    not_measured: int
    harness_errors: int
    waived: int = 0
    flaky: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class ChildSummary:
    """One child process of the probe: how it ended and what it cost."""

    name: str
    ended: str
    """In words: ``exit 0``, ``killed by SIGSEGV``, ``timed out after 20 s in step 'call'``."""
    seconds: float
    peak_bytes: int
    tail: str
    """The end of its output."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """Everything learned about one plugin on one host on one machine."""

    plugin: Plugin
    host: Host | None
    environment: Environment
    started: str
    """When, as ISO 8601 in UTC; empty for a check, which says the same at any time."""
    seconds: float
    complete: bool
    """False when the suite did not come to its end (interrupted, harness fault)."""
    interruption: str | None
    """Why it is not complete."""
    contracts: tuple[Contract, ...]
    outcomes: tuple[Outcome, ...]
    profiles: tuple[ProfileResult, ...]
    capabilities: tuple[Capability, ...]
    standings: tuple[Standing, ...]
    readings: tuple[MemberReading, ...] = ()
    """What the platform's members said; the claims behind the standings."""
    problems: tuple[Problem, ...] = ()
    children: tuple[ChildSummary, ...] = ()
    effects: tuple[Effect, ...] = ()
    """What loading and activating the plugin leaves behind outside its own objects."""
    patches: tuple[Patch, ...] = ()
    """What of the host's and its libraries' attributes the plugin replaces."""
    engines: tuple[EngineSeen, ...] = ()
    """What ran in the engines that were started."""
    pairs: PairPlan | None = None
    """The engines that were planned for pairs; ``None`` when none were asked for."""
    selection: tuple[str, ...] = ()
    """The contracts or patterns that the run was narrowed to; empty when it was not."""
    command: str = ""
    """The command that repeats the run."""
    resumed: tuple[str, ...] = ()
    """When the runs were started that this one continues; empty for one made in one go."""
    stubbed: tuple[str, ...] | None = None
    """The modules that stand-ins took the place of; ``None`` when none were asked for."""
    check: Check | None = None
    """What the source says; ``None`` when the plugin was run and not checked."""
    waivers: tuple[WaiverUse, ...] = ()
    """What became of the waivers that the run was given."""

    def in_state(self, state: OutcomeState) -> tuple[Outcome, ...]:
        """The outcomes in one state, in order."""
        return tuple(outcome for outcome in self.outcomes if outcome.state == state)

    def contract(self, contract_id: str) -> Contract | None:
        """The contract of that id, ``None`` when the run's suite has none."""
        return next((item for item in self.contracts if item.id == contract_id), None)
