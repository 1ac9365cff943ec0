"""The requests of a trial."""

from types import SimpleNamespace

import numpy as np
import pytest

from hwcheck.exercise.serving.pairs.trials import Trial, asked, primer_of
from hwcheck.exercise.serving.recipe import DENSE

ENGINE = SimpleNamespace(given=SimpleNamespace(context=256, block_size=32, step_tokens=64))
ROW = np.zeros(DENSE.vocabulary)


def trial(*kinds, settings=()):
    return Trial(settings=frozenset(settings), kinds=frozenset(kinds))


def requests(*kinds, settings=()):
    return asked(None, ENGINE, DENSE, trial(*kinds, settings=settings))


def test_plain_requests_are_greedy():
    """
    A trial of settings asks for nothing else.
    """
    found = requests()

    assert {item.ask.how["temperature"] for item in found} == {0.0}
    assert all(not item.changes and item.adapter is None for item in found)


@pytest.mark.parametrize("kinds", [("prefix-caching",), ("prefix-caching", "chunked-prefill")])
def test_prompts_of_a_cached_prefix_begin_alike(kinds):
    """
    What is served before is whole blocks of all of them, and fits into a step.
    """
    found = requests(*kinds)

    primer = primer_of(found, ENGINE)
    assert len(primer.prompt) == 64
    assert all(item.ask.prompt[:64] == primer.prompt for item in found)
    assert len({item.ask.prompt for item in found}) == len(found)
    assert primer.how["max_tokens"] == 1


def test_prompts_in_pieces_fill_what_the_answer_leaves():
    """
    They are longer than a step, and the context holds them.
    """
    found = requests("chunked-prefill")

    assert all(64 < len(item.ask.prompt) <= 256 - 24 for item in found)


@pytest.mark.parametrize("kinds", [(), ("abort",), ("prefix-caching",), ("chunked-prefill",)])
def test_crowd_does_not_fit_into_its_cache(kinds):
    """
    Four at a time that take 17 blocks of 32 tokens and more, of which each fits alone.
    """
    found = requests(*kinds, settings=("preemption",))

    lengths = [len(item.ask.prompt) + 56 for item in found][-4:]
    shared = 2 * 3 if "prefix-caching" in kinds else 0
    assert sum(-(-length // 32) for length in lengths) - shared > 17
    assert max(lengths) <= 256
    assert len(found) == 4 + ("abort" in kinds)


def test_seeds_differ_by_request():
    """
    Each is drawn from a generator of its own.
    """
    found = requests("seeds")

    assert len({item.ask.how["seed"] for item in found}) == len(found)
    assert {item.ask.how["temperature"] for item in found} == {1.3}


def test_changes_of_two_kinds_leave_tokens_to_choose():
    """
    What one forbids and what the other likes have something in common.
    """
    (first, *_) = requests("logits-processors", "sampling-parameters")

    row = ROW
    for change in first.changes.values():
        row = change(row, (50,))
    likeliest = np.flatnonzero(row == row.max())
    assert list(first.changes) == ["sampling-parameters", "logits-processors"]
    assert row[50] < row[160]
    assert all(token % 2 == 0 for token in likeliest)
