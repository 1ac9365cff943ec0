"""Tests of the plan of a run."""

import sys

from hwcheck.observe.plan import run_plan


def test_plan_without_engines_has_none():
    """
    What other children examine starts no engine.
    """
    plan = run_plan({"parts": ("attention.kv-shape",)})

    assert plan.engines is None
    assert plan.examinations == (("parts", ("attention.kv-shape",)),)


def test_plan_names_what_cannot_be_told(monkeypatch):
    """
    Where numpy is installed beside vLLM alone, the plan says so.
    """
    monkeypatch.setitem(sys.modules, "hwcheck.exercise.starts", None)

    plan = run_plan({"serving": ("generate.greedy",), "server": ("server.start",)})

    assert plan.engines.starts == ()
    assert plan.engines.untold == ("generate.greedy", "server.start")
