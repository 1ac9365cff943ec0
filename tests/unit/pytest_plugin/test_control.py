"""The control: what the host's own platform breaks as well is not charged to a plugin."""

from types import SimpleNamespace

import pytest

from hwcheck.model.contract import Contract, Profile
from hwcheck.model.outcome import Cause, Outcome, OutcomeState
from hwcheck.observe.conditions import Conditions
from hwcheck.pytest_plugin import control
from hwcheck.pytest_plugin.verdicts import (
    Broken,
    Cases,
    HarnessFault,
    NotApplicable,
    NotMeasured,
    broken,
    not_applicable,
    not_measured,
)

CONTRACT = Contract(
    id="platform.shape",
    profile=Profile.P1,
    title="It has a shape",
    relied_on_by="vLLM",
    remedy="give it one",
    examined_in="behaviour",
)


def outcome(state=OutcomeState.BROKEN, case="a"):
    return Outcome(contract=CONTRACT.id, case=case, state=state, reason="too long")


def cases(*outcomes):
    def raise_them(evidence, contract):
        raise Cases(outcomes)

    return raise_them


def breaks(evidence, contract):
    broken("raises RuntimeError")


def does_not_apply(evidence, contract):
    not_applicable("nothing is registered")


def is_not_measured(evidence, contract):
    not_measured("it was not activated")


def fails(evidence, contract):
    raise HarnessFault("no")


@pytest.fixture
def end(monkeypatch):
    """
    End a test of a contract so, while the control says that of the host's own platform.
    """

    def run(how, control_says=None, *, contract=CONTRACT):
        marker = None if contract is None else SimpleNamespace(args=(contract,))
        item = SimpleNamespace(
            nodeid="test",
            stash=pytest.Stash(),
            session=None,
            config=None,
            get_closest_marker=lambda name: marker,
        )
        settings = SimpleNamespace(conditions=Conditions())
        host = None if control_says is None else SimpleNamespace()
        monkeypatch.setattr(control, "read_settings", lambda config: settings)
        monkeypatch.setattr(control, "control_evidence", lambda session, child: host)
        monkeypatch.setattr(
            control, "judge_any", lambda seen, told, config: control_says(seen, told)
        )
        hook = control.pytest_pyfunc_call(item)
        next(hook)
        try:
            if how is None:
                hook.send(True)
            else:
                hook.throw(how)
        except StopIteration as stop:
            return stop.value, item.stash.get(control.OUTCOMES, ())
        raise AssertionError("the hook did not end")

    return run


def test_test_that_passes_is_left_alone(end):
    """
    Tests that say nothing of cases have their own end.
    """
    assert end(None) == (True, ())


@pytest.mark.parametrize(
    "control_says",
    [None, does_not_apply, is_not_measured, fails, cases(outcome(OutcomeState.PASSED))],
    ids=["no-control", "not-applicable", "not-measured", "harness", "kept"],
)
def test_breach_stays_where_the_host_does_not_break_it(end, control_says):
    """
    Whatever else the control says: only a breach of the host's own excuses one.
    """
    with pytest.raises(Broken):
        end(Cases((outcome(),)), control_says)
    with pytest.raises(Broken):
        end(Broken("raises RuntimeError", Cause.RAISED, None, None), control_says)


def test_case_that_the_host_breaks_is_the_hosts(end):
    """
    It is not measured then, and the test is no failure.
    """
    with pytest.raises(NotMeasured, match="the host's own platform breaks it as well"):
        end(Cases((outcome(),)), cases(outcome()))


@pytest.mark.parametrize("control_says", [breaks, cases(outcome(case="z"))])
def test_failure_of_the_whole_is_the_hosts(end, control_says):
    """
    An exception has no case; any breach of the control's is one like it.
    """
    with pytest.raises(NotMeasured, match="the host's own platform fails as well"):
        end(Broken("raises RuntimeError", Cause.RAISED, None, None), control_says)


def test_contract_that_the_suite_judges_has_no_control(end):
    """
    What a plugin's class looks like is no matter of the host's.
    """
    with pytest.raises(Broken):
        end(Broken("no", Cause.VIOLATED, None, None), breaks, contract=None)


def test_cases_are_kept_for_the_recorder(end):
    """
    Each has its own outcome, and the test passes when none is broken.
    """
    told = (outcome(OutcomeState.PASSED), outcome(OutcomeState.NOT_APPLICABLE, "b"))

    assert end(Cases(told)) == (True, told)


def test_cases_that_do_not_apply_end_the_test_so(end):
    """
    The wrapper hands on what follows from the cases.
    """
    with pytest.raises(NotApplicable):
        end(Cases((outcome(OutcomeState.NOT_APPLICABLE),)))
