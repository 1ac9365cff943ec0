"""The bias that ends a model's reasoning."""

import numpy as np
import pytest

from hwcheck.exercise.serving.families.reasoning import bias_that_ends

END = 1


def rows(behind: list[float]) -> np.ndarray:
    """Logits in which the end is so much behind the likeliest token."""
    found = np.zeros((len(behind), 3))
    found[:, END] = [-number for number in behind]
    return found


def test_bias_lets_the_end_win_late_and_not_before():
    """
    In the row where the end is nearest it is ahead by as much as it is behind in the nearest
    before.
    """
    bias = bias_that_ends(rows([9, 8, 9, 7, 9, 3, 6]), END, 1.0)

    assert bias == pytest.approx(5.0)


def test_bias_looks_at_late_rows_only():
    """
    A thought of less than four tokens is too short.
    """
    assert bias_that_ends(rows([9, 1, 9, 9, 9, 9]), END, 1.0) is None


def test_bias_of_a_near_tie_is_none():
    """
    Another dtype could end the reasoning elsewhere.
    """
    assert bias_that_ends(rows([9, 9, 9, 9, 8, 9]), END, 1.0) is None
