"""What a test's end becomes in the record."""

import pytest

from hwcheck.model.contract import Contract, Profile
from hwcheck.model.outcome import Cause, OutcomeState, Place
from hwcheck.pytest_plugin.cases import NO_CASE
from hwcheck.pytest_plugin.recorder import _outcome
from hwcheck.pytest_plugin.verdicts import broken, not_applicable, not_measured

CONTRACT = Contract(id="load.call", profile=Profile.P0, title="t", relied_on_by="r", remedy="m")
PLACE = Place(file="acme/x.py", line=3, text="boom()")


class Item:
    """As much of a pytest item as the recorder reads."""

    def __init__(self, case=None):
        if case is not None:
            self.callspec = self
            self.id = case


def outcome_of(function, *, when="call", case=None):
    call = pytest.CallInfo.from_call(function, when)
    return _outcome(Item(case), CONTRACT, call)


def plain_failure():
    raise AssertionError("2 != 3")


def crash():
    raise ZeroDivisionError("division by zero")


def test_test_that_returns_passes():
    """
    Nothing raised: passed, with a duration and no reason.
    """
    outcome = outcome_of(lambda: None, case="acme")

    assert (outcome.id, outcome.state) == ("load.call[acme]", OutcomeState.PASSED)
    assert (outcome.cause, outcome.reason) == (None, None)
    assert outcome.duration >= 0


@pytest.mark.parametrize("case", [None, NO_CASE])
def test_case_that_stands_for_none_has_no_case(case):
    """
    The case of an empty set is the contract itself.
    """
    assert outcome_of(lambda: None, case=case).case is None


def test_breach_keeps_cause_place_and_tail():
    """
    Everything that the verdict knows reaches the record.
    """
    outcome = outcome_of(lambda: broken("no", cause=Cause.EXITED, place=PLACE, tail="end"))

    assert outcome.state is OutcomeState.BROKEN
    assert (outcome.cause, outcome.reason) == (Cause.EXITED, "no")
    assert (outcome.place, outcome.tail) == (PLACE, "end")


def test_unmeasured_keeps_what_blocked_it():
    """
    The contract that is to be repaired first is in the record.
    """
    outcome = outcome_of(lambda: not_measured("no", blocked_by="load.call"), when="setup")

    assert outcome.state is OutcomeState.NOT_MEASURED
    assert (outcome.cause, outcome.blocked_by) == (Cause.BLOCKED, "load.call")


def test_inapplicable_keeps_its_reason():
    """
    What does not apply says why.
    """
    outcome = outcome_of(lambda: not_applicable("no platform"), when="setup")

    assert (outcome.state, outcome.reason) == (OutcomeState.NOT_APPLICABLE, "no platform")


@pytest.mark.parametrize(
    ("function", "when", "state", "cause"),
    [
        (plain_failure, "call", OutcomeState.BROKEN, Cause.VIOLATED),
        (lambda: pytest.fail("no"), "call", OutcomeState.BROKEN, Cause.VIOLATED),
        (plain_failure, "setup", OutcomeState.HARNESS_ERROR, Cause.OTHER),
        (lambda: pytest.skip("later"), "call", OutcomeState.NOT_MEASURED, Cause.OTHER),
        (crash, "call", OutcomeState.HARNESS_ERROR, Cause.OTHER),
        (crash, "teardown", OutcomeState.HARNESS_ERROR, Cause.OTHER),
    ],
)
def test_plain_end_of_a_test_is_understood(function, when, state, cause):
    """
    A suite may use plain asserts and skips; what fails around a test is no breach.
    """
    outcome = outcome_of(function, when=when)

    assert (outcome.state, outcome.cause) == (state, cause)
    assert outcome.reason


def test_breach_shows_its_place_to_readers_of_pytest():
    """
    Plain pytest prints the plugin's line below the reason.
    """
    call = pytest.CallInfo.from_call(lambda: broken("no", place=PLACE), "call")

    assert str(call.excinfo.value) == "no\n  at acme/x.py:3: boom()"


def test_breach_without_source_shows_the_line():
    """
    A line whose text is not known is shown by its number.
    """
    place = Place(file="acme/x.py", line=3)
    call = pytest.CallInfo.from_call(lambda: broken("no", place=place), "call")

    assert str(call.excinfo.value) == "no\n  at acme/x.py:3"
