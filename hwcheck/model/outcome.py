"""Outcomes: the result of one case of one contract."""

from dataclasses import dataclass
from enum import StrEnum

__all__ = ["Cause", "Figure", "Outcome", "OutcomeState", "Place", "Refusal", "Reruns"]


class OutcomeState(StrEnum):
    """How a case ended; only `PASSED` counts as evidence for, only `BROKEN` as evidence against."""

    PASSED = "passed"
    BROKEN = "broken"
    NOT_APPLICABLE = "not-applicable"
    NOT_MEASURED = "not-measured"
    HARNESS_ERROR = "harness-error"
    WAIVED = "waived"
    """It failed, and a waiver covers this failure; never a pass."""
    FLAKY = "flaky"
    """It failed, and passed when it was examined again; never a pass."""


class Cause(StrEnum):
    """Why a case is broken or could not be measured."""

    VIOLATED = "violated"
    RAISED = "raised"
    EXITED = "exited"
    KILLED_BY_SIGNAL = "killed-by-signal"
    TIMED_OUT = "timed-out"
    OUT_OF_MEMORY = "out-of-memory"
    OUTPUT_FLOOD = "output-flood"
    CORRUPTED_REPLY = "corrupted-reply"
    FORKED = "forked"
    LEFT_PROCESSES = "left-processes"
    INTERRUPTED = "interrupted"
    BLOCKED = "blocked"
    NO_DEVICE = "no-device"
    HOST = "host"
    HOST_AS_WELL = "host-as-well"
    """The host's own platform breaks it in the same case."""
    NOT_DECLARED = "not-declared"
    OTHER = "other"


class Refusal(StrEnum):
    """What became of a request for something that is not supported."""

    CLEAN = "refused-cleanly"
    """Refused at once, with a message that says why."""
    IGNORED = "ignored-silently"
    """Accepted, and left out without a word."""
    CRASHED = "crashed"
    """It ended in an exception that tells the user nothing."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """A line of source; `file` is relative to the import path where that is known."""

    file: str
    line: int
    function: str | None = None
    text: str | None = None
    """The source line, stripped."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Figure:
    """A number that was measured on the way to an outcome."""

    name: str
    """What was measured, with its unit where it has one: ``largest distance``, ``seconds``."""
    value: float
    limit: float | None = None
    """What it may be at most, where there is such a limit."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Reruns:
    """How often a failed case was examined again, and how that ended."""

    times: int
    failed: int

    @property
    def told(self) -> str:
        """The rate in words, the first failure not counted."""
        return f"failed {self.failed} of {self.times} reruns"


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """One case of one contract, for one plugin on one host."""

    contract: str
    case: str | None
    """The parameter of the case, ``None`` when the contract has a single case."""
    state: OutcomeState
    cause: Cause | None = None
    reason: str | None = None
    """What was found; ``None`` when passed."""
    place: Place | None = None
    tail: str | None = None
    """The end of the child's output, where that explains the outcome."""
    blocked_by: str | None = None
    """The contract whose breach kept this one from being measured."""
    example: str | None = None
    """The smallest generated example that shows what was found."""
    figures: tuple[Figure, ...] = ()
    refusal: Refusal | None = None
    """For a case that asks for what may not be supported: how it was refused, if it was."""
    stubbed: bool = False
    """Whether stand-ins took the place of the vendor's libraries; proves nothing above E2."""
    duration: float = 0.0
    """Seconds."""
    waiver: str | None = None
    """The waiver that covers the failure, in words."""
    reruns: Reruns | None = None
    """How it came out when it was examined again; ``None`` when it was not."""

    @property
    def id(self) -> str:
        """Contract and case in one word: ``contract[case]``."""
        return self.contract if self.case is None else f"{self.contract}[{self.case}]"

    @property
    def is_missing(self) -> bool:
        """Whether it is owed and was not measured; what the host itself breaks, no plugin owes."""
        return self.state is OutcomeState.HARNESS_ERROR or (
            self.state is OutcomeState.NOT_MEASURED and self.cause is not Cause.HOST_AS_WELL
        )
