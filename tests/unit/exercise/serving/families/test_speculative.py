"""What proposals from repeats can be expected to find."""

from hwcheck.exercise.serving.families.speculative import repeats, spread_judged
from hwcheck.model.examination import CaseState


def test_cycle_repeats():
    """
    From the second round of a cycle on, each token was foretold by the first.
    """
    assert repeats((1, 2, 3, 4) * 3, 4) > 0


def test_tokens_that_are_all_different_do_not_repeat():
    """
    Nothing foretells what was never there.
    """
    assert repeats(tuple(range(20)), 4) == 0


def test_repeats_in_the_prompt_do_not_count():
    """
    What is given is not generated, so it cannot be proposed.
    """
    assert repeats((1, 2, 3, 4, 1, 2, 3, 4, 9, 8), 8) == 0


def test_kernel_of_temperatures_is_judged_by_what_it_gives():
    """
    The right temperatures keep the contract, others break it.
    """
    assert spread_judged(lambda: [0.5, 1.0], [0.5, 1.0]).state is CaseState.KEPT
    assert spread_judged(lambda: [1.0, 0.5], [0.5, 1.0]).state is CaseState.BROKEN


def test_kernel_that_cannot_be_called_is_named():
    """
    A host without Triton has a function in the kernel's place; no request is blamed for that.
    """

    def spread():
        raise TypeError("'function' object is not subscriptable")

    case = spread_judged(spread, [0.5])

    assert case.state is CaseState.BROKEN
    assert case.reason == (
        "giving drafts the temperatures of their requests raises"
        " TypeError: 'function' object is not subscriptable"
    )
