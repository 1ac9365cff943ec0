"""From what a child examined to outcomes, with the control taken into account."""

from dataclasses import replace

import pytest

from hwcheck.model.contract import Contract, Profile
from hwcheck.model.examination import CaseState, Examined, ExaminedCase
from hwcheck.model.observation import (
    Activated,
    Called,
    Child,
    Observation,
    Raised,
    Step,
    StepName,
    StepState,
)
from hwcheck.model.outcome import Cause, Outcome, OutcomeState, Place
from hwcheck.pytest_plugin.evidence import Evidence
from hwcheck.pytest_plugin.judgement import conclude, excused, judge
from hwcheck.pytest_plugin.verdicts import (
    Broken,
    Cases,
    HarnessFault,
    NotApplicable,
    NotMeasured,
)

CONTRACT = Contract(
    id="platform.shape",
    profile=Profile.P1,
    title="It has a shape",
    relied_on_by="vLLM",
    remedy="give it one",
    examined_in="behaviour",
)
BROKEN = ExaminedCase(name="a", state=CaseState.BROKEN, reason="too long", example="[1]")
KEPT = ExaminedCase(name="b", state=CaseState.KEPT)
ABSENT = ExaminedCase(name="c", state=CaseState.NOT_MEASURED, reason="no device", needs_device=True)
FREE = ExaminedCase(name="d", state=CaseState.NOT_APPLICABLE, reason="asks nothing")


def child(name, *steps):
    return Child(
        name=name,
        steps=steps,
        cause=None,
        ended="exit 0",
        seconds=1.0,
        peak_bytes=1,
        tail="",
    )


def done(name, answer, subject=""):
    return Step(name=name, subject=subject, state=StepState.DONE, answer=answer)


def evidence_of(step, *, is_plugin=True, control=False):
    answered = Called(type="str", text="'a.B'", value="a.B")
    return Evidence(
        observation=Observation(
            children=(
                child("staged", done(StepName.CALL, answered, "acme")),
                child(
                    "active", done(StepName.ACTIVATE, Activated(type="x.Y", is_plugin=is_plugin))
                ),
                child("behaviour", step),
            )
        ),
        platform_points=() if control else ("acme",),
        own_modules=frozenset({"acme"}),
        control=control,
    )


def examined(*cases):
    answer = Examined(cases=cases, examples=3)
    return done(StepName.EXAMINE, answer, CONTRACT.id)


def outcomes_of(*cases):
    with pytest.raises(Cases) as found:
        judge(evidence_of(examined(*cases)), CONTRACT)
    return found.value.outcomes


def raised(**changes):
    error = Raised(type="RuntimeError", message="no", trace=("exercise/x.py:3 in y",))
    return Step(
        name=StepName.EXAMINE,
        subject=CONTRACT.id,
        state=StepState.RAISED,
        raised=replace(error, **changes),
    )


def test_each_case_is_an_outcome():
    """
    State, cause, reason and example of each case are kept.
    """
    told = outcomes_of(BROKEN, KEPT, ABSENT, FREE)

    assert [(item.id, item.state, item.cause) for item in told] == [
        ("platform.shape[a]", OutcomeState.BROKEN, Cause.VIOLATED),
        ("platform.shape[b]", OutcomeState.PASSED, None),
        ("platform.shape[c]", OutcomeState.NOT_MEASURED, Cause.NO_DEVICE),
        ("platform.shape[d]", OutcomeState.NOT_APPLICABLE, None),
    ]
    assert (told[0].reason, told[0].example) == ("too long", "[1]")


def test_contract_without_cases_does_not_apply():
    """
    Nothing of the plugin's was there to look at, which is no success.
    """
    with pytest.raises(NotApplicable):
        judge(evidence_of(examined()), CONTRACT)


def test_exception_of_the_plugins_breaks():
    """
    The plugin's line is told.
    """
    place = Place(file="acme/x.py", line=3)

    with pytest.raises(Broken, match="RuntimeError: no") as found:
        judge(evidence_of(raised(in_plugin=True, place=place)), CONTRACT)

    assert found.value.place == place


def test_exception_without_the_plugin_is_our_fault():
    """
    It must not be charged to anybody else.
    """
    with pytest.raises(HarnessFault, match=r"platform.shape failed: .* at exercise/x.py:3 in y"):
        judge(evidence_of(raised()), CONTRACT)


def test_plugin_that_was_not_activated_is_not_judged():
    """
    What the child saw is about another platform.
    """
    with pytest.raises(NotMeasured):
        judge(evidence_of(examined(BROKEN), is_plugin=False), CONTRACT)


def test_control_needs_no_entry_point():
    """
    The host's own platform is judged as it is.
    """
    with pytest.raises(Cases):
        judge(evidence_of(examined(BROKEN), control=True), CONTRACT)


def test_what_the_host_breaks_too_is_the_hosts():
    """
    The same case alone; another case of the same contract stays the plugin's.
    """
    told = outcomes_of(BROKEN, replace(BROKEN, name="z"))
    control = outcomes_of(replace(BROKEN, reason="too long here too"), KEPT)

    left = excused(told, control)

    assert [(item.case, item.state, item.cause) for item in left] == [
        ("a", OutcomeState.NOT_MEASURED, Cause.HOST_AS_WELL),
        ("z", OutcomeState.BROKEN, Cause.VIOLATED),
    ]
    assert "too long here too" in left[0].reason


@pytest.mark.parametrize(
    ("cases", "verdict"),
    [
        ((BROKEN, KEPT, ABSENT, FREE), Broken),
        ((KEPT, ABSENT, FREE), NotMeasured),
        ((FREE,), NotApplicable),
        ((KEPT, FREE), None),
    ],
    ids=["broken", "not-measured", "not-applicable", "kept"],
)
def test_worst_case_decides_the_test(cases, verdict):
    """
    A case that does not apply spoils no success, and makes none.
    """
    told = outcomes_of(*cases)

    if verdict is None:
        conclude(told)
    else:
        with pytest.raises(verdict):
            conclude(told)


def test_example_is_shown_by_pytest():
    """
    Who runs plain pytest sees it as well.
    """
    told = (
        Outcome(contract="a.b", case=None, state=OutcomeState.BROKEN, reason="no", example="3"),
    )

    with pytest.raises(Broken, match=r"a\.b: no \(example: 3\)"):
        conclude(told)
