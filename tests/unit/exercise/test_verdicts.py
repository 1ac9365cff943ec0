"""The cases of an examination."""

import math
import sys

import pytest

from hwcheck.exercise.verdicts import broken
from hwcheck.model.outcome import Figure


@pytest.mark.parametrize("value", [math.inf, -math.inf, math.nan])
def test_figure_that_is_no_number_is_the_largest(value):
    """
    An operator that answers NaN is at no distance that JSON could hold.
    """
    case = broken("no number", figures=(Figure(name="distance", value=value, limit=math.inf),))

    assert case.figures == (Figure(name="distance", value=sys.float_info.max, limit=None),)


def test_figure_is_kept():
    """
    What is a number stays as it is.
    """
    figure = Figure(name="distance", value=0.5, limit=1.0)

    assert broken("far", figures=(figure,)).figures == (figure,)
