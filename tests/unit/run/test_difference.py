"""What got better and worse from one run to another."""

from dataclasses import replace

import pytest

from hwcheck.model.capability import Mark, Rung, Standing
from hwcheck.model.outcome import Outcome, OutcomeState
from hwcheck.model.plugin import Host, Origin, Plugin
from hwcheck.model.run import Environment, Run
from hwcheck.model.run_difference import Subject, Trend
from hwcheck.run.difference import compare_runs

MACHINE = Environment(hwcheck="0", python="3", torch=None, system="Linux", machine="x86_64")
RUN = Run(
    plugin=Plugin(
        name="acme", version="1.0", origin=Origin.INSTALLED, location="site", entry_points=()
    ),
    host=Host(distribution="vllm", version="0.32.0", location="site"),
    environment=MACHINE,
    started="2026-12-01T00:00:00+00:00",
    seconds=1.0,
    complete=True,
    interruption=None,
    contracts=(),
    outcomes=(),
    profiles=(),
    capabilities=(),
    standings=(),
)


def a_run(states="", standings=(), **changes):
    """Make a run with outcomes such as ``a=passed b=broken``."""
    outcomes = tuple(
        Outcome(contract=name, case=None, state=OutcomeState(state), reason=f"{name} is {state}")
        for name, _, state in (word.partition("=") for word in states.split())
    )
    return replace(RUN, outcomes=outcomes, standings=tuple(standings), **changes)


def standing(rung, *marks):
    return Standing(capability="lora", rung=rung, marks=marks, why="because")


def compared(old, new):
    return compare_runs(old, new, old_source="old.json", new_source="new.json")


@pytest.mark.parametrize(
    ("old", "new", "trend"),
    [
        ("passed", "broken", Trend.WORSE),
        ("passed", "flaky", Trend.WORSE),
        ("passed", "waived", Trend.WORSE),
        ("passed", "not-measured", Trend.WORSE),
        ("passed", "harness-error", Trend.WORSE),
        ("not-measured", "broken", Trend.WORSE),
        ("not-applicable", "broken", Trend.WORSE),
        ("waived", "broken", Trend.WORSE),
        ("flaky", "broken", Trend.WORSE),
        ("broken", "passed", Trend.BETTER),
        ("waived", "passed", Trend.BETTER),
        ("not-measured", "passed", Trend.BETTER),
        ("broken", "waived", Trend.OTHER),
        ("broken", "flaky", Trend.OTHER),
        ("broken", "not-measured", Trend.OTHER),
        ("passed", "not-applicable", Trend.OTHER),
        ("not-applicable", "passed", Trend.OTHER),
        ("not-measured", "harness-error", Trend.OTHER),
    ],
)
def test_change_of_a_case_has_a_direction(old, new, trend):
    """
    Only evidence makes something better, and a failure that is merely hidden does not.
    """
    (change,) = compared(a_run(f"a={old}"), a_run(f"a={new}")).changes

    assert (change.trend, change.before, change.after) == (trend, old, new)
    assert (change.subject, change.why) == (Subject.CONTRACT, f"a is {new}")


@pytest.mark.parametrize(
    ("old", "new", "trend"),
    [
        (standing(Rung.E4, Mark.NATIVE), standing(Rung.E4, Mark.FALLBACK), Trend.WORSE),
        (standing(Rung.E4, Mark.FALLBACK), standing(Rung.E4, Mark.NATIVE), Trend.BETTER),
        (standing(Rung.E3), standing(Rung.E2), Trend.WORSE),
        (standing(Rung.E2), standing(Rung.E3), Trend.BETTER),
        (standing(Rung.E2), standing(Rung.E3, Mark.CONTRADICTED), Trend.WORSE),
        (standing(Rung.E1, Mark.IGNORED_SILENTLY), standing(Rung.E1), Trend.BETTER),
        (standing(Rung.E1), standing(Rung.E1, Mark.UNDECLARED), Trend.OTHER),
    ],
)
def test_change_of_a_capability_has_a_direction(old, new, trend):
    """
    Its rung decides, and what speaks against it.
    """
    (change,) = compared(a_run("a=passed", [old]), a_run("a=passed", [new])).changes

    assert (change.trend, change.subject, change.id) == (trend, Subject.CAPABILITY, "lora")


def test_what_one_run_has_alone_is_new_or_gone():
    """
    Neither is better or worse, and what is the same is counted.
    """
    old = a_run("a=passed b=passed", [standing(Rung.E2)])
    new = a_run("a=passed c=broken", [standing(Rung.E2)])

    found = compared(old, new)

    assert [(change.trend, change.id) for change in found.changes] == [
        (Trend.NEW, "c"),
        (Trend.GONE, "b"),
    ]
    assert (found.unchanged, found.compared, found.is_partial) == (2, 1, False)


def test_the_worst_comes_first():
    """
    Whatever the order of the outcomes.
    """
    found = compared(a_run("a=broken b=passed c=passed"), a_run("c=broken b=broken a=passed"))

    assert [(change.trend, change.id) for change in found.changes] == [
        (Trend.WORSE, "b"),
        (Trend.WORSE, "c"),
        (Trend.BETTER, "a"),
    ]


def test_runs_with_nothing_in_common_are_partial():
    """
    Nothing can be said of what was not measured twice.
    """
    assert compared(a_run("a=passed"), a_run("b=passed")).is_partial
    assert compared(a_run("a=passed"), a_run("a=passed", complete=False)).is_partial


def test_whatever_else_differs_is_told():
    """
    Another host, plugin or environment may be the reason.
    """
    new = a_run(
        "a=passed",
        plugin=replace(RUN.plugin, version="2.0"),
        host=None,
        environment=replace(MACHINE, torch="2.13.0"),
        selection=("load.*",),
        stubbed=("acme_sdk",),
        complete=False,
        interruption="interrupted by the user",
    )

    assert compared(a_run("a=passed"), new).remarks == (
        "different plugins: acme 1.0 and acme 2.0",
        "different hosts: vllm 0.32.0 and no host",
        "different torch: none and 2.13.0",
        "the new run is not complete: interrupted by the user",
        "the new run was narrowed to load.*",
        "in the new run stand-ins took the place of acme_sdk",
    )
