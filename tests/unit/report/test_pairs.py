"""The plan of pairs, as it is told before its engines start."""

from dataclasses import replace

from hwcheck.model.pairs import PairPlan, PlannedEngine
from hwcheck.report.markdown import render as render_markdown
from hwcheck.report.pairs import pair_lines
from hwcheck.report.terminal import render as render_terminal

ENGINE = PlannedEngine(settings=("async-scheduling",), kinds=("lora",), pairs=("a+b",))
PLAIN = PlannedEngine(settings=(), kinds=("lora", "seeds"), pairs=("lora+seeds",))


def test_plan_names_engines_and_what_is_left_out():
    """
    One line an engine; of what is left out, the first.
    """
    plan = PairPlan(
        partners=("a", "b", "c"),
        engines=(ENGINE, PLAIN, PlannedEngine(settings=("a", "b"), kinds=(), pairs=("a+b",))),
        left=tuple(f"a+x{number}" for number in range(7)),
    )

    assert list(pair_lines(plan)) == [
        "pairs: 3 of 3 abilities, in 3 engines, 7 left out",
        "  engine 1: async-scheduling; requests: lora (1 pairs)",
        "  engine 2: nothing changed; requests: lora, seeds (1 pairs)",
        "  engine 3: a, b (1 pairs)",
        "  left out: a+x0, a+x1, a+x2, a+x3, a+x4, a+x5, ...",
    ]


def test_plan_without_pairs_says_why():
    """
    One ability makes no pair, and none does neither.
    """
    one = list(pair_lines(PairPlan(partners=("lora",), engines=())))
    none = list(pair_lines(PairPlan(partners=(), engines=())))

    assert one == ["pairs: lora was demonstrated, and a pair takes two"]
    assert none == ["pairs: nothing that can be combined was demonstrated, and a pair takes two"]


def test_both_reports_show_the_plan(runs):
    """
    Which engines showed which pairs is a part of what was measured.
    """
    plan = PairPlan(partners=("async-scheduling", "lora"), engines=(ENGINE,))
    run = replace(runs["conforming"], pairs=plan)

    assert "engine 1: async-scheduling; requests: lora (1 pairs)" in render_terminal(run)
    assert "  - engine 1: async-scheduling; requests: lora (1 pairs)" in render_markdown(run)
    assert "Pairs" not in render_terminal(runs["conforming"])
