"""What is taken back because a stand-in, and no library of the vendor's, was what answered."""

from dataclasses import replace

from hwcheck.model.outcome import Cause, Outcome, OutcomeState

__all__ = ["STUBBED_REASON", "comes_of_stand_in", "without_stand_ins"]

STUBBED_REASON = "it comes of what a stand-in answered: "
#: All that a stand-in answers carries one of these, also inside the messages of exceptions, which
#: are text; nothing else does.
_LABELS = ("hwcheck stand-in", "hwcheck.stub", "StandIn")


def comes_of_stand_in(reason: str | None) -> bool:
    """Whether a reason tells what a stand-in answered."""
    return any(label in (reason or "") for label in _LABELS)


def without_stand_ins(outcomes: tuple[Outcome, ...]) -> tuple[Outcome, ...]:
    """Take back the breaches that tell what a stand-in answered."""
    return tuple(
        replace(
            item,
            state=OutcomeState.NOT_MEASURED,
            cause=Cause.NO_DEVICE,
            reason=f"{STUBBED_REASON}{item.reason}",
            place=None,
        )
        if item.state is OutcomeState.BROKEN and comes_of_stand_in(item.reason)
        else item
        for item in outcomes
    )
