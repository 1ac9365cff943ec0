"""The generated calls of collectives."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hwcheck.exercise.models.collective_calls import COLLECTIVES, RANKS, Call, calls_of

DTYPES = ("float32", "bfloat16")


@pytest.mark.parametrize("name", COLLECTIVES)
def test_calls_fit_their_collective(name):
    """
    Each call has a dimension that its tensors have, and rows that can be dealt out.
    """

    @settings(max_examples=50, database=None)
    @given(calls_of(name, DTYPES))
    def check(call: Call) -> None:
        assert call.name == name
        assert call.dtype in DTYPES
        if call.dim is not None:
            assert -len(call.shape) <= call.dim < len(call.shape)
        if name == "reduce_scatter":
            assert call.shape[call.dim] % RANKS == 0
        if name == "reduce_scatterv":
            assert call.shape[0] == sum(call.sizes or [call.shape[0]])
            assert call.sizes or call.shape[0] % RANKS == 0
        if call.strided:
            assert len(call.shape) > 1

    check()


def test_call_shows_what_it_has():
    """
    What a call leaves out is not shown.
    """
    call = Call(name="all_gather", shape=(2, 3), dtype="float32", dim=-1)

    assert repr(call) == "all_gather(shape=(2, 3), dtype=float32, dim=-1)"


@given(st.sampled_from(COLLECTIVES).flatmap(lambda name: calls_of(name, DTYPES)))
@settings(max_examples=50, database=None)
def test_calls_are_hashable(call):
    """
    A call that lost the ranks is remembered by its value.
    """
    assert {call: 1}[call] == 1
