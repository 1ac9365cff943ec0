"""What became better and worse from one run to another."""

from dataclasses import dataclass
from enum import StrEnum

__all__ = ["RunChange", "RunDifference", "RunSide", "Subject", "Trend"]


class Trend(StrEnum):
    """In which direction something changed."""

    WORSE = "worse"
    BETTER = "better"
    OTHER = "other"
    """It is not the same, and neither better nor worse."""
    NEW = "new"
    """Only the new run has it."""
    GONE = "gone"
    """Only the old run has it."""


class Subject(StrEnum):
    """What a change is about."""

    CONTRACT = "contract"
    CAPABILITY = "capability"


@dataclass(frozen=True, slots=True, kw_only=True)
class RunSide:
    """One of the two runs."""

    source: str
    """The document, as it was named."""
    plugin: str
    host: str
    environment: str
    verdict: str
    """In words: what the run shows of the profiles."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RunChange:
    """One case of a contract, or one capability, that is not as it was."""

    trend: Trend
    subject: Subject
    id: str
    before: str | None
    """The state, or the rung with its marks; ``None`` for what is new."""
    after: str | None
    why: str = ""
    """What was found in the new run; in the old one for what is gone."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RunDifference:
    """Everything that changed, the worst first, then by subject and id."""

    old: RunSide
    new: RunSide
    changes: tuple[RunChange, ...]
    unchanged: int
    compared: int
    """How many cases of contracts both runs have."""
    remarks: tuple[str, ...] = ()
    """What else than the plugin differs, and may be the reason."""
    is_partial: bool = False
    """Whether the new run is not complete, or the two have nothing in common."""

    def of_trend(self, trend: Trend) -> tuple[RunChange, ...]:
        """The changes of one direction, in order."""
        return tuple(change for change in self.changes if change.trend is trend)
