"""The steps that attention is tried with."""

import pytest

from hwcheck.exercise.operators.attention_batches import block_tables, steps

SIZES = (16, 32, 64, 128)


@pytest.mark.parametrize("size", SIZES)
def test_steps_leave_no_gap_in_a_request(size):
    """
    Each piece begins where the last one of its request ended.
    """
    done: dict[int, int] = {}
    for step in steps(size):
        for piece in step:
            assert done.get(piece.request, 0) == piece.start
            done[piece.request] = piece.end


@pytest.mark.parametrize("size", SIZES)
def test_steps_order_decodes_before_pieces_before_prompts(size):
    """
    A step is in the order in which vLLM puts its requests.
    """
    for step in steps(size):
        kinds = [0 if piece.count == 1 and piece.start else 2 - (piece.start > 0) for piece in step]

        assert sorted(kinds) == kinds


@pytest.mark.parametrize("size", SIZES)
def test_steps_hold_each_kind_of_batch(size):
    """
    There are decodes alone, a prompt alone, later pieces over the edge of a block, and mixtures.
    """
    plan = steps(size)
    kinds = {
        (any(p.start == 0 for p in step), any(p.start and p.count > 1 for p in step))
        for step in plan
    }

    assert kinds == {(True, False), (True, True), (False, True), (False, False)}
    assert any(
        piece.start // size < (piece.end - 1) // size
        for step in plan
        for piece in step
        if piece.start and piece.count > 1
    )


@pytest.mark.parametrize("size", SIZES)
def test_block_tables_share_no_block(size):
    """
    Blocks belong to one request each, are out of order, and leave out vLLM's null block.
    """
    plan = steps(size)

    tables = block_tables(plan, size, seed=0)

    blocks = [block for table in tables.values() for block in table]
    assert len(set(blocks)) == len(blocks)
    assert 0 not in blocks
    assert sorted(blocks) != blocks
    for step in plan:
        assert all(len(tables[piece.request]) * size >= piece.end for piece in step)
