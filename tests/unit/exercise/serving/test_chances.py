"""Which tokens can come, and how unlikely what came is."""

from math import exp, log
from random import Random

import numpy as np
import pytest

from hwcheck.exercise.serving.chances import (
    Shape,
    evidence,
    evidence_limit,
    from_uniform,
    log_chance,
    mapped,
    most_evidence,
    shaped,
)

ROW = np.log(np.array([0.4, 0.3, 0.2, 0.06, 0.04]))
EXACT = 1e-9


def chosen(shape: Shape, row=ROW, tolerance=EXACT) -> list[int]:
    support = shaped(row, shape, tolerance)
    assert support.is_sure
    return [int(token) for token in np.flatnonzero(support.possible)]


@pytest.mark.parametrize(
    ("shape", "tokens"),
    [
        (Shape(), [0, 1, 2, 3, 4]),
        (Shape(top_k=2), [0, 1]),
        (Shape(top_k=5), [0, 1, 2, 3, 4]),
        (Shape(top_p=0.39), [0]),
        (Shape(top_p=0.41), [0, 1]),
        (Shape(top_p=0.95), [0, 1, 2, 3]),
        (Shape(min_p=0.45), [0, 1, 2]),
        # top_p counts what top_k left: 4/7 and 3/7.
        (Shape(top_k=2, top_p=0.5), [0]),
        # At half the temperature, the largest two have (0.16 + 0.09) / 0.2952.
        (Shape(temperature=0.5, top_p=0.84), [0, 1]),
    ],
)
def test_tokens_that_can_come(shape, tokens):
    """
    The borders are those of the parameters' definitions.
    """
    assert chosen(shape) == tokens


def test_what_is_left_has_all_chances():
    """
    What a parameter cuts off is divided among the others.
    """
    support = shaped(ROW, Shape(top_k=2), EXACT)

    assert np.exp(support.logprobs) == pytest.approx([4 / 7, 3 / 7, 0, 0, 0])


@pytest.mark.parametrize(
    "shape", [Shape(top_k=1), Shape(top_p=0.4), Shape(min_p=0.75, temperature=1.0)]
)
def test_border_within_the_tolerance_is_not_sure(shape):
    """
    Where rounding decides, the token can come, and the row counts for nothing.
    """
    row = ROW + np.array([0.0, log(0.4 / 0.3) if shape.top_k else 0.0, 0.0, 0.0, 0.0])

    support = shaped(row, shape, 0.01)

    assert not support.is_sure
    assert support.possible[1]


def test_likeliest_token_can_always_come():
    """
    A top_p of next to nothing leaves one token.
    """
    assert chosen(Shape(top_p=1e-6)) == [0]


@pytest.mark.parametrize(
    "shape", [Shape(temperature=0.7), Shape(top_k=2), Shape(top_p=0.7), Shape(min_p=0.3)]
)
def test_rows_are_shaped_each_by_itself(shape):
    """
    Many rows at once give what each gives alone, and so do the samples.
    """
    rows, tokens = np.random.RandomState(3).standard_normal((20, 40)), np.arange(20)

    together = shaped(rows, shape, 0.02)

    alone = [shaped(row, shape, 0.02) for row in rows]
    assert together.is_sure.tolist() == [bool(item.is_sure) for item in alone]
    assert np.array_equal(together.possible, [item.possible for item in alone])
    places = mapped(together.logprobs, tokens, tokens / 20, by_chance=True)
    for number, item in enumerate(alone):
        place = mapped(item.logprobs, number, number / 20, by_chance=True)
        assert places[number] == pytest.approx(float(place), abs=1e-12)


@pytest.mark.parametrize("by_chance", [True, False])
def test_tokens_share_the_whole_range(by_chance):
    """
    The parts of all tokens lie side by side, each as long as its chance.
    """
    row = np.log(np.array([0.1, 0.6, 0.3]))

    parts = sorted(
        (mapped(row, token, 0.0, by_chance=by_chance), mapped(row, token, 1.0, by_chance=by_chance))
        for token in range(3)
    )

    assert [start for start, _ in parts] == pytest.approx([0.0, *(end for _, end in parts[:-1])])
    assert parts[-1][1] == pytest.approx(1.0)


def test_order_of_chances_begins_with_the_likeliest():
    """
    A small number stands for a likely token.
    """
    row = np.log(np.array([0.1, 0.6, 0.3]))

    assert mapped(row, 1, 0.0, by_chance=True) == 0.0
    assert mapped(row, 0, 1.0, by_chance=True) == pytest.approx(1.0)


def test_distance_from_uniform():
    """
    The largest gap is taken on either side of a step.
    """
    assert from_uniform([0.5]) == 0.5
    assert from_uniform([0.9, 0.8]) == pytest.approx(0.8)
    assert from_uniform([0.125, 0.375, 0.625, 0.875]) == pytest.approx(0.125)


def test_limit_holds_for_samples_that_are_due():
    """
    Samples of the due distribution exceed a limit at most as often as it says.
    """
    draw = Random(1)
    limit = evidence_limit(0.2)

    exceeded = sum(evidence([draw.random() for _ in range(50)], 0.0) > limit for _ in range(500))

    assert 0 < exceeded <= 0.2 * 500


def test_evidence_grows_with_samples():
    """
    The same shares tell more the more samples have them.
    """
    few = [0.1, 0.2, 0.3, 0.4, 0.6]

    assert evidence(few * 10, 0.0) == pytest.approx(10 * evidence(few, 0.0))
    assert evidence(few, 0.3) < evidence(few, 0.0)


def test_evidence_of_due_shares_is_none():
    """
    Shares that are due say nothing.
    """
    assert evidence([(place + 0.5) / 100 for place in range(100)], 0.0) == pytest.approx(0.0)


def test_most_evidence_is_that_of_one_side():
    """
    Nothing speaks louder, at the middle, than samples that are all below it.
    """
    samples = [0.45] * 30

    assert evidence(samples, 0.0) >= most_evidence(30, 0.0) == pytest.approx(30 * log(2))


@pytest.mark.parametrize("error", [(0.3, -0.3), (-0.3, 0.3)])
def test_slack_forgives_what_wrong_logits_do(error):
    """
    A sampler whose logits are wrong by the tolerance is not accused, however many samples it has.
    """
    right = np.log(np.array([0.5, 0.5]))
    wrong = np.exp(shaped(right + np.array(error), Shape(), EXACT).logprobs)
    places = [(place + 0.5) / 100 for place in range(100)]
    values = [
        mapped(right, token, place, by_chance=False)
        for token in range(2)
        for place in places
        for _ in range(round(100 * wrong[token]))
    ]

    # Rounded to whole samples.
    assert evidence(values, 0.3) < 1
    assert evidence(values, 0.0) > 100


def test_chance_of_a_sequence():
    """
    Each token counts with its chance after those before it.
    """
    rows = np.array([ROW, ROW[::-1], ROW])

    found = log_chance(rows, (9,), (0, 0, 1), Shape())

    assert exp(found) == pytest.approx(0.4 * 0.04 * 0.3)
