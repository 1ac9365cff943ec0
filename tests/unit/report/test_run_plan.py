"""Tests of the plan and the pace as lines."""

import pytest

from hwcheck.model.run_plan import EnginePlan, PlannedStart
from hwcheck.report.run_plan import pace_line, plan_lines


def test_plan_names_every_engine():
    """
    Few contracts are named, of many what they are about.
    """
    many = tuple(f"generate.{name}" for name in "abcd")
    starts = (
        PlannedStart(what="dense", contracts=(*many, "cache.prefix")),
        PlannedStart(what="dense, enable_lora=True", contracts=("family.lora.tokens",)),
    )

    assert list(plan_lines(EnginePlan(starts=starts, untold=("x.y",)))) == [
        (
            "engines to start: 2; where a contract is broken, at most as many of the host's own "
            "platform"
        ),
        "  1 dense: 5 contracts (cache.*, generate.*)",
        "  2 dense, enable_lora=True: family.lora.tokens",
        "  not known beforehand: x.y",
    ]


def test_plan_that_is_not_known_says_so():
    """
    Nothing is said of a number that nobody knows.
    """
    assert list(plan_lines(EnginePlan(starts=(), untold=("x.y",)))) == [
        "engines to start: not known beforehand for x.y"
    ]


@pytest.mark.parametrize(
    ("now", "expected", "text"),
    [
        ("a.b", 80.0, "3 of 9 contracts examined, now a.b; 0:31 of about 1:20"),
        (None, None, "3 of 9 contracts examined; 0:31"),
        (None, 9, "3 of 9 contracts examined; 0:31, longer than the 0:09 that were expected"),
    ],
)
def test_pace_tells_elapsed_and_expected_time(now, expected, text):
    """
    Minutes and seconds; what is not known is left out.
    """
    assert text == pace_line(3, 9, now, 31.2, expected)
