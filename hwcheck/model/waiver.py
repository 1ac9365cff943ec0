"""Waivers: failures that are known, with reason, owner, end and signature."""

from dataclasses import dataclass
from enum import StrEnum

from hwcheck.model.outcome import OutcomeState

__all__ = [
    "WAIVABLE",
    "Scope",
    "Signature",
    "Waiver",
    "WaiverClass",
    "WaiverStanding",
    "WaiverUse",
]

#: What a waiver can cover; a fault of hwcheck's is nobody's to waive.
WAIVABLE = frozenset({OutcomeState.BROKEN, OutcomeState.FLAKY, OutcomeState.NOT_MEASURED})


class WaiverClass(StrEnum):
    """Whose failure it is, or of what kind."""

    PLUGIN_BUG = "plugin-bug"
    HOST_BUG = "host-bug"
    HARDWARE_LIMIT = "hardware-limit"
    NOT_IMPLEMENTED = "not-implemented"
    FLAKY = "flaky"
    """It fails sometimes; that it passes is then no reason to take the waiver away."""


class WaiverStanding(StrEnum):
    """What became of a waiver in a run."""

    USED = "used"
    OUT_OF_SCOPE = "out-of-scope"
    NOT_SELECTED = "not-selected"
    """Its contract was not run, or not whole."""
    NOT_JUDGED = "not-judged"
    """Its cases were not measured or do not apply, so that it cannot be told."""
    EXPIRED = "expired"
    PASSES = "passes"
    """What it waives passes."""
    OTHER_FAILURE = "other-failure"
    """What it names fails in another way than its signature says, which is a new failure."""
    MATCHES_NOTHING = "matches-nothing"

    @property
    def is_fault(self) -> bool:
        """Whether the run fails for it."""
        return self in _FAULTS


_FAULTS = frozenset(
    {
        WaiverStanding.EXPIRED,
        WaiverStanding.PASSES,
        WaiverStanding.OTHER_FAILURE,
        WaiverStanding.MATCHES_NOTHING,
    }
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Scope:
    """Where a waiver holds."""

    host: str = ""
    """A range of vLLM releases, as a version specifier; empty for all."""
    device: str = ""
    """The platform's ``device_type``, or a pattern of it; empty for all."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Signature:
    """Which failure is meant; another one is a new failure."""

    state: OutcomeState | None = None
    """Broken or flaky unless it says otherwise."""
    exception: str = ""
    """The name of the exception's type."""
    message: str = ""
    """A part of what was found, in which ``*`` stands for anything."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Waiver:
    """One known failure."""

    id: str
    """A contract, or ``contract[case]``; both may be patterns."""
    kind: WaiverClass
    reason: str
    owner: str
    expires: str
    """A date (its last day), or the first vLLM release on which it does not hold any more."""
    signature: Signature
    scope: Scope = Scope()
    issue: str = ""
    created: str = ""

    @property
    def told(self) -> str:
        """The waiver in one line, for whoever reads a report."""
        issue = f", {self.issue}" if self.issue else ""
        return f"{self.kind}: {self.reason} ({self.owner}{issue}; until {self.expires})"


@dataclass(frozen=True, slots=True, kw_only=True)
class WaiverUse:
    """What became of one waiver in a run."""

    waiver: Waiver
    standing: WaiverStanding
    detail: str
    """One line: why it stands so."""
    covers: tuple[str, ...] = ()
    """The outcomes that it waives."""
