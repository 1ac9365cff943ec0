"""What an examination found: the verdict on each case of one contract, told by a child itself.

Most contracts are judged by the suite from what a child saw. An examination generates its own
examples beside the plugin's objects, so only it can judge.
"""

from dataclasses import dataclass
from enum import StrEnum

from hwcheck.model.outcome import Figure, Place, Refusal

__all__ = ["CaseState", "Examined", "ExaminedCase"]


class CaseState(StrEnum):
    """How a case came out."""

    KEPT = "kept"
    BROKEN = "broken"
    NOT_APPLICABLE = "not-applicable"
    """The contract asks nothing of this plugin here."""
    NOT_MEASURED = "not-measured"
    """It applies, and could not be looked at."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ExaminedCase:
    """One case of one contract."""

    name: str
    """Empty for a contract with a single case."""
    state: CaseState
    reason: str | None = None
    """What was found; ``None`` when kept."""
    example: str | None = None
    """The smallest example that shows it, as text that can be typed."""
    place: Place | None = None
    """The plugin's line, where that is known."""
    blocked_by: str | None = None
    """The contract whose breach keeps this one from being looked at."""
    needs_device: bool = False
    """Whether it could not be looked at because the device is not here."""
    figures: tuple[Figure, ...] = ()
    refusal: Refusal | None = None
    """Where the case asks for what may not be supported: how it was refused."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Examined:
    """All cases of one contract."""

    cases: tuple[ExaminedCase, ...]
    examples: int
    """How many examples were generated for them."""
