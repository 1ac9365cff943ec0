"""The search that vLLM's beam search is compared with."""

from collections.abc import Sequence

import pytest

from hwcheck.exercise.serving.families.beams import score, search

#: Token 0 looks best at first; what comes after 1 makes up for it.
AFTER = {0: [-2.0, -2.0], 1: [-9.0, -0.1], 7: [-0.5, -1.0]}


def rows(tokens: Sequence[int]) -> list[list[float]]:
    return [AFTER[token] for token in tokens]


def test_search_looks_further_than_the_first_token():
    """
    With two beams, the one that is behind at first can win.
    """
    best, second = search(rows, [7], width=2, count=2)

    assert best.tokens == (1, 1)
    assert best.score == pytest.approx(-1.1)
    assert second.score == pytest.approx(-2.5)


def test_search_of_one_beam_is_greedy():
    """
    A single beam takes the likeliest token each time.
    """
    (only,) = search(rows, [7], width=1, count=2)

    assert only.tokens[0] == 0


def test_score_is_that_of_the_beam():
    """
    A beam that is scored again has the score that the search gave it.
    """
    best = search(rows, [7], width=2, count=2)[0]

    assert score(rows, [7], best.tokens) == pytest.approx(best.score)
