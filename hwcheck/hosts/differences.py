"""Finding what one content of a module shares with another."""

from collections.abc import Iterator, Sequence
from difflib import SequenceMatcher
from itertools import accumulate, pairwise

from hwcheck.codec import pack
from hwcheck.hosts.blobs import Difference, compress, left_out

__all__ = ["difference"]


def difference(anchor: Sequence[bytes], pieces: Sequence[bytes], dictionary: bytes) -> bytes:
    """Store `pieces` as what differs from the pieces of an anchor."""
    ends = [0, *accumulate(map(len, anchor))]
    steps: list[int] = []
    new: list[bytes] = []
    for skipped, start, stop, first, last in _stretches(anchor, pieces):
        inserted = b"".join(pieces[first:last])
        steps += (ends[start] - ends[skipped], ends[stop] - ends[start], len(inserted))
        new.append(inserted)
    resembled = dictionary + left_out(b"".join(anchor), steps)
    return pack(Difference(tuple(steps), compress(b"".join(new), resembled)))


def _stretches(
    anchor: Sequence[bytes], pieces: Sequence[bytes]
) -> Iterator[tuple[int, int, int, int, int]]:
    """Copied stretches: the end of the one before, start and end; then new pieces behind it."""
    matcher = SequenceMatcher(None, anchor, pieces, autojunk=False)
    blocks = matcher.get_matching_blocks()
    done_anchor = 0
    if blocks[0].b > 0 or blocks[0].size == 0:
        yield 0, 0, 0, 0, blocks[0].b
    for block, following in pairwise(blocks):
        end = block.a + block.size
        yield done_anchor, block.a, end, block.b + block.size, following.b
        done_anchor = end
