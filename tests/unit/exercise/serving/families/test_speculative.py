"""What proposals from repeats can be expected to find."""

from hwcheck.exercise.serving.families.speculative import repeats


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
