"""The generated batches of requests with adapters."""

import pytest
from hypothesis import given, settings

from hwcheck.exercise.models.lora_batches import INDEX_TO_ID, MOST_TOKENS, Batch, batches_of


@pytest.mark.parametrize(("mix", "with_adapter", "without"), [
    ("", True, False), ("mixed", True, True), ("none", False, True),
])  # fmt: skip
def test_batches_have_the_requests_of_their_mix(mix, with_adapter, without):
    """
    All requests have adapters, some have, or none has.
    """

    @settings(max_examples=50, database=None)
    @given(batches_of(mix, ("float32",)))
    def check(batch: Batch) -> None:
        assert any(batch.adapters) == with_adapter
        assert (0 in batch.adapters) == without
        assert set(batch.adapters) <= {0, *INDEX_TO_ID}
        assert 0 < len(batch.token_ids) <= MOST_TOKENS

    check()


def test_tokens_have_the_adapter_of_their_request():
    """
    Each request's adapter is repeated for each of its tokens.
    """
    batch = Batch(
        adapters=(3, 0), lengths=(2, 1), features=16, slices=(8,), dtype="float32", seed=0
    )

    assert batch.token_ids == (3, 3, 0)
    assert repr(batch).startswith("(adapter, tokens) of each request: [(3, 2), (0, 1)]; ")
