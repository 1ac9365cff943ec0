"""Tests of what a run tells on standard error, and of what it remembers for the next one."""

from types import SimpleNamespace

import pytest

from hwcheck.cli import narrator
from hwcheck.cli.narrator import Narrator
from hwcheck.model.record import RecordLine
from hwcheck.model.run import ChildSummary
from hwcheck.model.run_plan import EnginePlan, PlannedStart, RunPlan
from hwcheck.observe.conditions import Conditions
from hwcheck.observe.following import StepNews
from hwcheck.run.known_durations import known_durations
from hwcheck.run.pace import Durations

TARGET = SimpleNamespace(
    plugin=SimpleNamespace(name="acme", version="1.0"),
    host=SimpleNamespace(distribution="vllm", version="9.9"),
)
START = PlannedStart(what="dense", contracts=("generate.greedy", "cache.prefix"))
PLAN = RunPlan(examinations=(("serving", START.contracts),), engines=EnginePlan(starts=(START,)))


def news(contract, seconds=None):
    return StepNews(
        child="serving", step="examine", subject=contract, seconds=seconds, of_host=False
    )


@pytest.fixture
def told(tmp_path, capsys):
    """Begin a run and give what it tells, with a function that looks when some seconds passed."""
    conditions = Conditions(python="/python", cache=tmp_path)
    with Narrator(conditions) as made:
        made.begin(TARGET)
        made.follow(RecordLine(plan=PLAN))

        def lines():
            return capsys.readouterr().err.splitlines()

        yield made, lines


def test_plan_is_told_before_the_run(told):
    """
    Plugin and vLLM, and the engines that are going to be started.
    """
    _, lines = told

    assert lines() == [
        "acme 1.0 under vllm 9.9",
        (
            "engines to start: 1; where a contract is broken, at most as many of the host's own "
            "platform"
        ),
        "  1 dense: generate.greedy, cache.prefix",
    ]


def test_pace_is_told_now_and_then(told, monkeypatch):
    """
    Without a terminal, a line comes only after some time, and none when all is examined.
    """
    made, lines = told
    lines()

    made.look([news("generate.greedy")])
    assert lines() == []
    monkeypatch.setattr(narrator, "LINE_EVERY", 0.0)
    made.look([news("generate.greedy", 1.0), news("cache.prefix")])
    (line,) = lines()
    made.look([news("cache.prefix", 1.0)])

    assert line.startswith("1 of 2 contracts examined, now cache.prefix; 0:0")
    assert " of about " in line
    assert lines() == []


@pytest.mark.parametrize("complete", [True, False])
def test_complete_run_is_remembered(told, tmp_path, complete):
    """
    The next run expects what this one took, unless it was cut off.
    """
    made, _ = told
    child = ChildSummary(name="serving", ended="exit 0", seconds=9.0, peak_bytes=0, tail="")
    made.look([news("cache.prefix"), news("cache.prefix", 2.0)])
    made.follow(RecordLine(child=child))

    made.conclude(SimpleNamespace(complete=complete, resumed=()))

    found = known_durations(TARGET, "/python", tmp_path)
    expected = Durations(contracts={"cache.prefix": 2.0}, children={"serving": 7.0})
    assert found == (expected if complete else Durations())
    assert known_durations(TARGET, "/other", tmp_path) == Durations()


def test_continued_run_is_not_remembered(told, tmp_path):
    """
    What a child took is spread over several runs then.
    """
    made, _ = told
    made.look([news("cache.prefix"), news("cache.prefix", 2.0)])

    made.conclude(SimpleNamespace(complete=True, resumed=("2026-01-01T00:00:00+00:00",)))

    assert known_durations(TARGET, "/python", tmp_path) == Durations()


def test_run_that_is_given_up_is_told(capsys):
    """
    Who forgets to ask for the rest of a run learns that it was there.
    """
    with Narrator(Conditions(python="/python"), "2026-01-01T00:00:00+00:00") as made:
        made.begin(TARGET)

    told = capsys.readouterr().err.splitlines()[1]
    assert told.startswith("the run of 2026-01-01T00:00:00+00:00 was cut off and is given up")
