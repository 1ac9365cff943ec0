"""Breaches that tell what a stand-in answered are taken back."""

import pytest

from hwcheck.model.outcome import Cause, Outcome, OutcomeState
from hwcheck.pytest_plugin.stubbed import without_stand_ins


def outcome(state: OutcomeState, reason: str | None) -> Outcome:
    return Outcome(contract="platform.member", case="name", state=state, reason=reason)


@pytest.mark.parametrize(
    "reason",
    [
        "RuntimeError: unknown device 'hwcheck stand-in'",
        "TypeError: expected str, got StandIn",
        "ValueError: 9999.0.0+hwcheck.stub is no version of ours",
    ],
)
def test_breach_with_the_label_of_a_stand_in_is_not_measured(reason: str):
    """
    The vendor's library would have answered otherwise.
    """
    (found,) = without_stand_ins((outcome(OutcomeState.BROKEN, reason),))

    assert (found.state, found.cause) == (OutcomeState.NOT_MEASURED, Cause.NO_DEVICE)
    assert found.reason == f"it comes of what a stand-in answered: {reason}"


@pytest.mark.parametrize(
    "plain",
    [
        outcome(OutcomeState.BROKEN, "RuntimeError: no"),
        outcome(OutcomeState.BROKEN, None),
        outcome(OutcomeState.NOT_MEASURED, "hwcheck stand-in"),
    ],
)
def test_other_outcomes_stay(plain: Outcome):
    """
    The plugin's own breaches count with stand-ins too.
    """
    assert without_stand_ins((plain,)) == (plain,)
