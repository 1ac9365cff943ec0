"""What sampling parameters do to logits."""

import numpy as np
import pytest

from hwcheck.exercise.serving.row_changes import biased, changed_rows, only, penalised, without

ROW = np.array([2.0, -1.0, 4.0, 0.5])


@pytest.mark.parametrize(
    ("strengths", "before", "expected"),
    [
        ({"repetition": 2.0}, (), [1.0, -2.0, 4.0, 0.5]),
        ({"repetition": 2.0}, (2, 2), [1.0, -2.0, 2.0, 0.5]),
        ({"presence": 1.0}, (2, 2), [2.0, -1.0, 3.0, 0.5]),
        ({"frequency": 1.0}, (2, 2), [2.0, -1.0, 2.0, 0.5]),
        ({"frequency": 1.0, "presence": 0.5}, (3,), [2.0, -1.0, 4.0, -1.0]),
    ],
)
def test_penalties(strengths, before, expected):
    """
    Repetition divides what is positive and multiplies what is not, the prompt's tokens included.
    """
    assert penalised((0, 1, 1), **strengths)(ROW, before) == pytest.approx(np.array(expected))


def test_bias():
    """
    The numbers are added.
    """
    assert list(biased({0: 1.0, 3: -2.0})(ROW, ())) == [3.0, -1.0, 4.0, -1.5]


def test_only_some_tokens():
    """
    All others are impossible.
    """
    assert list(only([1, 3])(ROW, ())) == [-np.inf, -1.0, -np.inf, 0.5]


@pytest.mark.parametrize(
    ("ending", "until", "before", "is_forbidden"),
    [
        ((2,), None, (), True),
        ((2,), None, (1, 2), True),
        ((2,), 2, (1,), True),
        ((2,), 2, (1, 1), False),
        ((1, 2), None, (), False),
        ((1, 2), None, (0, 1), True),
        ((1, 2), None, (1, 0), False),
    ],
)
def test_forbidden_sequence(ending, until, before, is_forbidden):
    """
    The last token of a sequence is forbidden where the others came right before.
    """
    row = without(ending, until=until)(ROW, before)

    assert np.isneginf(row[2]) == is_forbidden
    assert list(np.delete(row, 2)) == list(np.delete(ROW, 2))


def test_rows_of_an_answer_are_changed():
    """
    A token is chosen by the row of the token before it; other rows stay.
    """
    rows = np.stack([ROW, ROW, ROW, ROW])

    changed = changed_rows(rows, (0, 1), (2, 3), biased({0: 1.0}))

    assert [row[0] for row in changed] == [2.0, 3.0, 3.0, 2.0]
    assert rows[1][0] == 2.0
