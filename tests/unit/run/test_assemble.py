"""Folding a record into a run."""

from datetime import date

import pytest

from hwcheck.errors import RunError
from hwcheck.model.capability import MemberReading
from hwcheck.model.contract import Contract, Profile
from hwcheck.model.outcome import Cause, Outcome, OutcomeState
from hwcheck.model.pairs import PairPlan
from hwcheck.model.plugin import Host, Origin, Plugin
from hwcheck.model.record import Heading, RecordLine
from hwcheck.model.run import ChildSummary, Environment, Verdict
from hwcheck.model.waiver import Scope, Signature, Waiver, WaiverClass, WaiverStanding
from hwcheck.report.summary import exit_code
from hwcheck.run.assemble import assemble
from hwcheck.run.suite import SuiteEnd
from hwcheck.waivers.apply import WaiverBook

PLUGIN = Plugin(
    name="acme", version="1.0", origin=Origin.INSTALLED, location="site", entry_points=()
)
HOST = Host(distribution="vllm", version="9.9", location="site")
MACHINE = Environment(hwcheck="0", python="3", torch=None, system="Linux", machine="x86_64")
PASSED, BROKEN = OutcomeState.PASSED, OutcomeState.BROKEN
NOT_APPLICABLE, NOT_MEASURED = OutcomeState.NOT_APPLICABLE, OutcomeState.NOT_MEASURED
HARNESS_ERROR = OutcomeState.HARNESS_ERROR


def heading(cases=0):
    return RecordLine(heading=Heading(plugin=PLUGIN, host=HOST, problems=(), cases=cases))


def contract(id="load.call", profile=Profile.P0):
    made = Contract(id=id, profile=profile, title="t", relied_on_by="r", remedy="m")
    return RecordLine(contract=made)


def outcome(state=PASSED, *, contract="load.call", case=None):
    return RecordLine(outcome=Outcome(contract=contract, case=case, state=state))


def finished(code=0, unreported=0):
    return RecordLine(finished=code, unreported=unreported)


def fold(*lines, exit_code=0, interrupted=False, output="", waivers=None):
    return assemble(
        SuiteEnd(lines=lines, exit_code=exit_code, interrupted=interrupted, output=output),
        capabilities=(),
        environment=MACHINE,
        started="2026-01-01T00:00:00+00:00",
        seconds=1.234,
        command="hwcheck run acme",
        waivers=waivers,
    )


def test_pairs_belong_to_no_profile_and_are_owed():
    """
    What they show is about no single ability; the plan is kept, and what it misses is told.
    """
    plan = PairPlan(partners=("lora", "seeds"), engines=(), left=("lora+seeds",))
    pairs = Contract(
        id="pairs.combined",
        profile=Profile.P4,
        title="t",
        relied_on_by="r",
        remedy="m",
        group="pairs",
    )
    lines = [heading(2), contract(), outcome(), RecordLine(pairs=plan), RecordLine(contract=pairs)]

    kept = fold(*lines, outcome(contract="pairs.combined", case="lora+seeds"), finished())
    missed = fold(*lines, outcome(NOT_MEASURED, contract="pairs.combined", case="a+b"), finished())

    assert (kept.pairs, [item.profile for item in kept.profiles]) == (plan, [Profile.P0])
    assert (exit_code(kept), exit_code(missed)) == (0, 3)


def test_what_the_host_breaks_is_owed_by_no_plugin():
    """
    A profile is kept where all that was not measured is the host's own fault.
    """
    lines = [heading(2), contract(), outcome(case="a")]
    fault = Outcome(contract="load.call", case="b", state=NOT_MEASURED, cause=Cause.HOST_AS_WELL)

    run = fold(*lines, RecordLine(outcome=fault), finished())

    assert run.profiles[0].verdict is Verdict.KEPT
    assert run.profiles[0].not_measured == 1


def test_whole_record_gives_a_complete_run():
    """
    Everything that was recorded is in the run.
    """
    child = ChildSummary(name="staged", ended="exit 0", seconds=1.0, peak_bytes=1, tail="")
    other = ChildSummary(name="active", ended="exit 0", seconds=1.0, peak_bytes=1, tail="")
    readings = [MemberReading(name=name, overridden=True) for name in ("b", "a")]
    run = fold(
        heading(1),
        contract(),
        outcome(),
        RecordLine(child=child),
        RecordLine(child=other),
        *(RecordLine(reading=item) for item in readings),
        RecordLine(torch="2.13"),
        finished(),
    )

    assert (run.complete, run.interruption) == (True, None)
    assert (run.plugin, run.host, run.environment.torch) == (PLUGIN, HOST, "2.13")
    assert (run.seconds, run.command) == (1.2, "hwcheck run acme")
    assert run.children == (other, child)
    assert run.readings == tuple(readings[::-1])


@pytest.mark.parametrize(
    ("first", "second", "kept"),
    [
        (PASSED, HARNESS_ERROR, HARNESS_ERROR),
        (HARNESS_ERROR, PASSED, HARNESS_ERROR),
        (HARNESS_ERROR, BROKEN, BROKEN),
        (BROKEN, HARNESS_ERROR, BROKEN),
        (NOT_APPLICABLE, NOT_MEASURED, NOT_MEASURED),
        (NOT_APPLICABLE, PASSED, NOT_APPLICABLE),
    ],
)
def test_case_with_two_outcomes_keeps_the_worse(first, second, kept):
    """
    The end of a test can fail after the test, and cannot make it better.
    """
    run = fold(heading(1), contract(), outcome(first), outcome(second), finished())

    assert [item.state for item in run.outcomes] == [kept]


def test_order_does_not_depend_on_the_record():
    """
    Outcomes come by profile, contract and case.
    """
    lines = [
        contract("b.b", Profile.P1),
        outcome(contract="b.b"),
        contract("z.z"),
        outcome(contract="z.z", case="2"),
        outcome(contract="z.z", case="1"),
        contract("a.a"),
        outcome(contract="a.a"),
    ]

    run = fold(heading(4), *lines, finished())

    assert [item.id for item in run.outcomes] == ["a.a", "z.z[1]", "z.z[2]", "b.b"]
    assert [item.id for item in run.contracts] == ["a.a", "z.z", "b.b"]


@pytest.mark.parametrize(
    ("lines", "how", "phrase"),
    [
        ((), {"interrupted": True}, "interrupted by the user"),
        ((), {"exit_code": -9}, r"ended in the middle \(exit code -9\)"),
        ((finished(3),), {"output": "a\nINTERNAL\n\n"}, "exit code 3: INTERNAL"),
        ((finished(5),), {"output": " \n"}, "exit code 5: it said nothing"),
        ((finished(0, unreported=2),), {}, "2 of 3 tests have no outcome"),
    ],
    ids=["interrupted", "killed", "internal", "silent", "missing"],
)
def test_record_that_is_not_whole_says_why(lines, how, phrase):
    """
    A partial run keeps its outcomes and is never called complete.
    """
    run = fold(heading(3), contract(), outcome(), *lines, **how)

    assert run.complete is False
    assert len(run.outcomes) == 1
    with pytest.raises(AssertionError, match=phrase):
        raise AssertionError(run.interruption)


@pytest.mark.parametrize(
    ("how", "phrase"),
    [
        ({"output": "ERROR: no plugin 'x'\n"}, "ERROR: no plugin 'x'"),
        ({"output": ""}, "it said nothing"),
        ({"interrupted": True, "output": "KeyboardInterrupt"}, "interrupted before it began"),
    ],
)
def test_record_without_heading_is_no_run(how, phrase):
    """
    A suite that did not start leaves nothing to report, and its output says why.
    """
    with pytest.raises(RunError, match=phrase):
        fold(**how)


@pytest.mark.parametrize(
    ("states", "code", "verdict"),
    [
        ([PASSED, NOT_APPLICABLE], 0, Verdict.KEPT),
        ([PASSED, BROKEN, HARNESS_ERROR], 1, Verdict.BROKEN),
        ([PASSED, NOT_MEASURED], 0, Verdict.PARTIAL),
        ([PASSED, HARNESS_ERROR], 1, Verdict.PARTIAL),
        ([NOT_APPLICABLE, NOT_MEASURED], 0, Verdict.NOT_MEASURED),
        ([NOT_APPLICABLE], 0, Verdict.NOT_MEASURED),
        ([PASSED], 2, Verdict.PARTIAL),
    ],
)
def test_profile_has_the_verdict_of_its_cases(states, code, verdict):
    """
    Kept needs something passed, nothing broken, nothing missing, and a whole run.
    """
    outcomes = [outcome(state, case=str(place)) for place, state in enumerate(states)]

    run = fold(heading(len(states)), contract(), *outcomes, finished(code))

    (result,) = run.profiles
    assert (result.profile, result.verdict) == (Profile.P0, verdict)
    assert (result.passed, result.broken) == (states.count(PASSED), states.count(BROKEN))
    assert result.not_measured == states.count(NOT_MEASURED)
    assert result.not_applicable == states.count(NOT_APPLICABLE)
    assert result.harness_errors == states.count(HARNESS_ERROR)


def test_profiles_are_told_apart():
    """
    A breach in one profile does not speak against another.
    """
    run = fold(
        heading(2),
        contract("a.a"),
        outcome(contract="a.a"),
        contract("b.b", Profile.P1),
        outcome(BROKEN, contract="b.b"),
        finished(1),
    )

    assert [(item.profile, item.verdict) for item in run.profiles] == [
        (Profile.P0, Verdict.KEPT),
        (Profile.P1, Verdict.BROKEN),
    ]


def test_empty_record_keeps_no_profile():
    """
    Zero cases prove nothing.
    """
    run = fold(heading(0), finished(5), output="no tests ran")

    assert (run.complete, run.profiles) == (False, ())


def waiver(id="load.call[b]", **changes):
    fields = {
        "kind": WaiverClass.PLUGIN_BUG,
        "reason": "known",
        "owner": "kernels",
        "expires": "2027-01-01",
        "signature": Signature(message="*"),
    }
    return Waiver(id=id, **(fields | changes))


def waived(*lines, interrupted=False, **changes):
    whole = ("load.call",)
    head = Heading(plugin=PLUGIN, host=HOST, problems=(), cases=2, known=whole, whole=whole)
    book = WaiverBook(waivers=(waiver(**changes),), today=date(2026, 12, 1))
    return fold(
        RecordLine(heading=head),
        contract(),
        *lines,
        finished(1),
        interrupted=interrupted,
        waivers=book,
    )


def test_waived_failure_leaves_a_profile_that_is_kept_but_for_it():
    """
    The verdict is its own, the waived case is counted apart, and the waiver is in the run.
    """
    run = waived(outcome(case="a"), outcome(BROKEN, case="b"))

    assert run.profiles[0].verdict is Verdict.WAIVED
    assert (run.profiles[0].passed, run.profiles[0].broken, run.profiles[0].waived) == (1, 0, 1)
    assert [use.standing for use in run.waivers] == [WaiverStanding.USED]


def test_waiver_that_is_limited_to_a_device_asks_the_platform():
    """
    The platform's own word for its device decides.
    """
    reading = RecordLine(
        reading=MemberReading(name="device_type", overridden=True, read=True, text="cpu")
    )

    for device, state in (("cpu", "waived"), ("npu", "broken")):
        run = waived(outcome(BROKEN, case="b"), reading, scope=Scope(device=device))

        assert [str(item.state) for item in run.outcomes] == [state]


def test_interrupted_run_makes_no_waiver_stale():
    """
    What failed last time may not have come yet.
    """
    run = waived(outcome(case="a"), interrupted=True)

    assert not any(use.standing.is_fault for use in run.waivers)


def test_flaky_outcome_keeps_no_profile():
    """
    Flaky is a verdict of its own, below broken.
    """
    lines = (heading(2), contract(), outcome(case="a"), outcome(OutcomeState.FLAKY, case="b"))

    assert fold(*lines, finished()).profiles[0].verdict is Verdict.FLAKY
    assert fold(*lines, outcome(BROKEN, case="c"), finished()).profiles[0].verdict is Verdict.BROKEN
