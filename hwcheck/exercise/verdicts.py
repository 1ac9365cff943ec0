"""The cases of an examination, in one word each."""

from collections.abc import Sequence
from math import isfinite
from sys import float_info

from hwcheck.model.examination import CaseState, ExaminedCase
from hwcheck.model.outcome import Figure, Place

__all__ = ["broken", "kept", "not_applicable", "not_measured"]


def kept(name: str = "", *, figures: Sequence[Figure] = ()) -> ExaminedCase:
    """The case holds."""
    return ExaminedCase(name=name, state=CaseState.KEPT, figures=_finite(figures))


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
        figures=_finite(figures),
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


def _finite(figures: Sequence[Figure]) -> tuple[Figure, ...]:
    """Put the largest number in the place of what JSON has no number for."""
    return tuple(
        item
        if isfinite(item.value) and (item.limit is None or isfinite(item.limit))
        else Figure(
            name=item.name,
            value=item.value if isfinite(item.value) else float_info.max,
            limit=item.limit if item.limit is not None and isfinite(item.limit) else None,
        )
        for item in figures
    )
