"""The steps that attention is tried with: requests that start, go on in pieces and decode."""

import random
from collections.abc import Iterator
from dataclasses import dataclass

__all__ = ["Piece", "Step", "block_tables", "steps"]

#: Block 0 is vLLM's null block, which no request has.
_FIRST_BLOCK = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Piece:
    """The tokens of one request that one step computes."""

    request: int
    start: int
    """How many of its tokens were computed before."""
    count: int

    @property
    def end(self) -> int:
        """How many of its tokens are computed after the step."""
        return self.start + self.count


Step = tuple[Piece, ...]


def steps(block_size: int) -> tuple[Step, ...]:
    """Schedule five requests around the edges of blocks: whole, in pieces, and token by token.

    Decodes stand in front of what goes on, and that in front of what begins, as vLLM orders them.
    """
    edge = block_size
    planned: tuple[dict[int, int], ...] = (
        {0: edge + 3},  # begins alone
        {0: 1, 1: 2 * edge, 2: 5},  # a decode beside a prompt of whole blocks and a first piece
        {0: 1, 1: 1, 2: edge + 1, 3: 1},  # a later piece over the edge, a prompt of one token
        {0: 1, 1: 1, 3: 1, 2: 2, 4: edge - 1},  # a later piece inside a block
        {0: 1, 1: 1, 2: 1, 3: 1, 4: 1},  # decodes alone, one of which fills its block
        {0: 1, 1: 1, 2: 1, 3: 1, 4: 1},
        {4: 7, 2: 1},  # goes on after decodes, as after a preemption
        {3: 2 * edge + 1},
        {3: 1},
    )
    return tuple(_pieces(planned))


def _pieces(planned: tuple[dict[int, int], ...]) -> Iterator[Step]:
    done: dict[int, int] = {}
    for step in planned:
        pieces = [
            Piece(request=request, start=done.get(request, 0), count=count)
            for request, count in step.items()
        ]
        for piece in pieces:
            done[piece.request] = piece.end
        yield tuple(sorted(pieces, key=_order))


def _order(piece: Piece) -> tuple[int, int]:
    if piece.count == 1 and piece.start:
        return 0, piece.request
    return (1 if piece.start else 2), piece.request


def block_tables(plan: tuple[Step, ...], block_size: int, seed: int) -> dict[int, tuple[int, ...]]:
    """Give each request blocks for all of its tokens, in no order."""
    ends = {piece.request: piece.end for step in plan for piece in step}
    needed = {request: -(-end // block_size) for request, end in sorted(ends.items())}
    pool = list(range(_FIRST_BLOCK, _FIRST_BLOCK + sum(needed.values())))
    random.Random(seed).shuffle(pool)
    tables: dict[int, tuple[int, ...]] = {}
    for request, count in needed.items():
        tables[request], pool = tuple(pool[:count]), pool[count:]
    return tables
