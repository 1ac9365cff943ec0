"""The cases of an examination, in one word each."""

from collections.abc import Sequence

from hwcheck.model.examination import CaseState, ExaminedCase
from hwcheck.model.outcome import Figure, Place

__all__ = ["broken", "kept", "not_applicable", "not_measured"]


def kept(name: str = "", *, figures: Sequence[Figure] = ()) -> ExaminedCase:
    """The case holds."""
    return ExaminedCase(name=name, state=CaseState.KEPT, figures=tuple(figures))


def broken(
    reason: str,
    name: str = "",
    *,
    example: str | None = None,
    place: Place | None = None,
    figures: Sequence[Figure] = (),
) -> ExaminedCase:
    """The plugin breaks the contract in this case."""
    return ExaminedCase(
        name=name,
        state=CaseState.BROKEN,
        reason=reason,
        example=example,
        place=place,
        figures=tuple(figures),
    )


def not_applicable(reason: str, name: str = "") -> ExaminedCase:
    """The contract asks nothing of this plugin in this case."""
    return ExaminedCase(name=name, state=CaseState.NOT_APPLICABLE, reason=reason)


def not_measured(
    reason: str, name: str = "", *, blocked_by: str | None = None, needs_device: bool = False
) -> ExaminedCase:
    """The case applies, and could not be looked at."""
    return ExaminedCase(
        name=name,
        state=CaseState.NOT_MEASURED,
        reason=reason,
        blocked_by=blocked_by,
        needs_device=needs_device,
    )
