"""What of a prompt can be loaded."""

import pytest

from hwcheck.exercise.serving.families.kv_transfer import loadable


@pytest.mark.parametrize(
    ("tokens", "expected"), [(100, 96), (64, 32), (65, 64), (32, 0), (33, 32), (1, 0)]
)
def test_whole_blocks_without_the_last_token_can_be_loaded(tokens: int, expected: int):
    """
    The last token is computed in any case, and what fills no block is not saved.
    """
    assert loadable(tokens, 32) == expected
