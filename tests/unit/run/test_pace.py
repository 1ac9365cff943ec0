"""Tests of how far a run has come, and what it is expected to take."""

from hwcheck.model.record import RecordLine
from hwcheck.model.run import ChildSummary
from hwcheck.model.run_plan import EnginePlan, PlannedStart, RunPlan
from hwcheck.observe.following import StepNews
from hwcheck.run.pace import Durations, Pace, measured


def plan_of(*ids, starts=()):
    planned = tuple(PlannedStart(what="dense", contracts=contracts) for contracts in starts)
    return RunPlan(
        examinations=(("serving", ids),), engines=EnginePlan(starts=planned) if starts else None
    )


def news(subject, seconds=None, *, step="examine", of_host=False):
    return StepNews(child="serving", step=step, subject=subject, seconds=seconds, of_host=of_host)


def test_pace_counts_what_has_ended():
    """
    A contract counts once it has ended, and the last that began is in work.
    """
    pace = Pace(Durations(), 2)
    pace.plan(plan_of("a.b", "c.d", "e.f"))

    pace.take([news("", 3.0, step="activate"), news("a.b"), news("a.b", 2.0), news("c.d")])

    assert (pace.done, pace.total, pace.now) == (1, 3, "c.d")
    assert pace.seconds == {"a.b": 2.0}


def test_contract_in_which_a_child_died_counts():
    """
    Nobody says that it has ended; the next one that begins does.
    """
    pace = Pace(Durations(), 2)
    pace.plan(plan_of("a.b", "c.d"))

    pace.take([news("a.b"), news("", step="activate"), news("c.d"), news("c.d", 1.0)])

    assert (pace.done, pace.seconds) == (2, {"c.d": 1.0})


def test_pace_does_not_count_the_host():
    """
    What vLLM's own platform is asked is told, and not counted.
    """
    pace = Pace(Durations(), 2)
    pace.plan(plan_of("a.b"))

    pace.take([news("a.b", of_host=True), news("a.b", 2.0, of_host=True)])

    assert (pace.done, pace.now) == (0, "a.b (vLLM's own)")


def test_known_durations_are_expected():
    """
    What an earlier run took is expected again, and guessed only for what it did not look at.
    """
    known = Durations(contracts={"a.b": 50.0, "c.d": 30.0}, children={"serving": 20.0})
    one, other = Pace(known, 8), Pace(known, 8)

    one.plan(plan_of("a.b", "c.d"))
    other.plan(plan_of("a.b", "e.f", starts=[("a.b",), ("e.f",)]))

    assert one.expected == 100.0
    assert 70.0 < other.expected < 90.0


def test_few_processors_take_longer():
    """
    Children that have to wait for each other take as long as all of them together.
    """
    known = Durations(children={"active": 30.0, "staged": 30.0, "serving": 40.0})
    narrow, wide = Pace(known, 1), Pace(known, 8)

    for pace in (narrow, wide):
        pace.plan(plan_of())

    assert (narrow.expected, wide.expected) == (50.0, 40.0)


def test_measured_parts_examinations_from_the_rest():
    """
    What is kept of a child is what it took beside its contracts.
    """
    child = ChildSummary(name="serving", ended="exit 0", seconds=30.0, peak_bytes=0, tail="")

    made = measured([RecordLine(child=child)], {"a.b": 12.0}, plan_of("a.b"))

    assert made == Durations(contracts={"a.b": 12.0}, children={"serving": 18.0})
