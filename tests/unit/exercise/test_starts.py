"""Tests of the plan of engine starts."""

import pytest

from hwcheck.exercise.catalogue import examinations_of
from hwcheck.exercise.starts import planned_starts


@pytest.mark.parametrize("child", ["serving", "server", "parallel"])
def test_plan_of_all_contracts_knows_every_start(child):
    """
    No contract that an engine examines leaves open what it starts, and all are in the plan.
    """
    ids = list(examinations_of(child))

    plan = planned_starts(child, ids)

    assert plan.untold == ()
    assert {id_ for start in plan.starts for id_ in start.contracts} == set(ids)


def test_plan_shares_an_engine_as_the_child_does():
    """
    Contracts that want the same engine share it until another is wanted in between.
    """
    asked = [
        "family.beam-search.scores",
        "generate.greedy",
        "scheduling.preemption",
        "cache.prefix",
    ]

    plan = planned_starts("serving", asked)

    assert [start.contracts for start in plan.starts] == [
        ("generate.greedy", "cache.prefix"),
        ("scheduling.preemption",),
        ("family.beam-search.scores",),
    ]
    assert (plan.starts[0].what, plan.starts[2].what) == ("dense", "dense")
    assert "num_gpu_blocks_override" in plan.starts[1].what


def test_plan_of_a_restart_counts_each_start():
    """
    The contract that stops engines starts two more than the one that runs.
    """
    alone = planned_starts("serving", ["engine.restart"])
    behind = planned_starts("serving", ["generate.greedy", "engine.restart"])

    assert len(alone.starts) == 3
    assert [start.contracts for start in behind.starts] == [
        ("generate.greedy", "engine.restart"),
        ("engine.restart",),
        ("engine.restart",),
    ]


def test_plan_of_the_server_is_one_start():
    """
    All contracts about the server share one.
    """
    plan = planned_starts("server", examinations_of("server"))

    assert [start.what for start in plan.starts] == ["vllm serve"]
