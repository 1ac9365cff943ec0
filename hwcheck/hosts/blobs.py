"""How the bytes of one record are stored: compressed, or as the difference to another record.

A module changes a little from release to release. The newest content is compressed by itself; the
older ones copy from one that is stored already, and hold only what differs.
"""

import zlib
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from hwcheck.codec import unpack

__all__ = ["Difference", "apply_difference", "compress", "decompress", "left_out"]

#: zlib looks no further back.
_WINDOW = 32768


class Difference(NamedTuple):
    """A record by what it shares with another."""

    steps: tuple[int, ...]
    """Three for each copied stretch: bytes of the anchor that are left out before it, bytes that
    are copied, new bytes that follow."""
    new: bytes
    """All the new bytes, compressed."""


def compress(data: bytes, dictionary: bytes = b"") -> bytes:
    """Compress; `dictionary` is text that the data is likely to repeat."""
    end = dictionary[-_WINDOW:]
    # Without header and check sum: the file as a whole has a check sum.
    if end:
        packer = zlib.compressobj(9, zlib.DEFLATED, -15, 9, zdict=end)
    else:
        packer = zlib.compressobj(9, zlib.DEFLATED, -15, 9)
    return packer.compress(data) + packer.flush()


def decompress(data: bytes, dictionary: bytes = b"") -> bytes:
    """Undo `compress`, given the same dictionary.

    Raises zlib.error: it is damaged.
    """
    end = dictionary[-_WINDOW:]
    reader = zlib.decompressobj(-15, zdict=end) if end else zlib.decompressobj(-15)
    made = reader.decompress(data)
    if not reader.eof:
        raise zlib.error("the compressed data is incomplete")
    return made


def apply_difference(data: bytes, anchor: bytes, dictionary: bytes) -> bytes:
    """Make the bytes that a difference was made of.

    Raises CodecError, zlib.error: it is damaged.
    """
    steps, packed = unpack(data, Difference, "stored difference")
    new = decompress(packed, dictionary + left_out(anchor, steps))
    made: list[bytes] = []
    at = taken = 0
    for skip, copy, insert in _triples(steps):
        at += skip
        made.append(anchor[at : at + copy])
        at += copy
        made.append(new[taken : taken + insert])
        taken += insert
    return b"".join(made)


def left_out(anchor: bytes, steps: Sequence[int]) -> bytes:
    """Collect what of the anchor is not copied: the new bytes resemble it."""
    parts: list[bytes] = []
    at = 0
    for skip, copy, _ in _triples(steps):
        parts.append(anchor[at : at + skip])
        at += skip + copy
    parts.append(anchor[at:])
    return b"".join(parts)


def _triples(steps: Sequence[int]) -> Iterator[tuple[int, int, int]]:
    return zip(steps[::3], steps[1::3], steps[2::3], strict=True)
