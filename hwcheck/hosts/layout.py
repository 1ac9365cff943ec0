"""How a file of facts is laid out: a head, a directory, then blobs that are read one by one."""

import sys
from array import array
from collections.abc import Iterable
from itertools import accumulate, pairwise
from typing import NamedTuple
from zlib import crc32

__all__ = [
    "DICTIONARY",
    "HEAD",
    "MAGIC",
    "SCHEMA",
    "VERSION",
    "Bucket",
    "Directory",
    "Release",
    "bucket_of",
    "from_column",
    "numbers",
    "numbers_from",
    "to_column",
]

MAGIC = b"hwfacts\x01"
#: After the magic: bytes of the compressed directory, its check sum, bytes of all blobs.
HEAD = "<8sIII"
SCHEMA = "hwcheck.facts"
VERSION = 1

#: The blob with what most other blobs repeat.
DICTIONARY = 0


class Release(NamedTuple):
    """One host in the file."""

    version: str
    date: str
    """Of its publication, ISO 8601; empty: not known."""
    digest: str
    """The same for hosts with the same facts."""
    compiled: tuple[str, ...] = ()
    """Modules that are compiled, or of which the source could not be read."""
    entry_points: tuple[tuple[str, str, str], ...] = ()


class Directory(NamedTuple):
    """What is where; columns are packed numbers, see `to_column`."""

    schema: str
    version: int
    extract_version: int
    releases: tuple[Release, ...]
    """Oldest first."""
    modules: tuple[str, ...]
    """The names of all modules of all releases."""
    sizes: bytes
    """Of each blob."""
    anchors: bytes
    """Of each blob: how many blobs before it is the one that it is the difference to, or 0."""
    module: bytes
    """Of each entry: index into `modules`. An entry is one content of one module."""
    is_package: bytes
    first: bytes
    """Of each entry: the first release that has it; one that comes back is a new entry."""
    last: bytes
    facts: bytes
    """Of each entry: its blob."""
    calls: bytes
    """Of each entry: its blob, 0 when it calls nothing that counts."""
    callers: tuple[int, ...]
    """Blobs of buckets: from a name to the indexes of the modules that call it in any release."""
    definers: tuple[int, ...]
    """Blobs of buckets: from a name to threes: module, first and last release that define it."""


class Bucket(NamedTuple):
    """A part of an index by name."""

    numbers: dict[str, bytes]


def bucket_of(name: str, count: int) -> int:
    """Choose the bucket of a name."""
    return crc32(name.encode("utf-8", "backslashreplace")) % count


def to_column(values: Iterable[int]) -> bytes:
    """Pack numbers as the differences from one to the next, which compress well."""
    return _packed("i", (after - before for before, after in pairwise((0, *values))))


def from_column(data: bytes) -> list[int]:
    """Undo `to_column`."""
    return list(accumulate(_unpacked("i", data)))


def numbers(values: Iterable[int]) -> bytes:
    """Pack small numbers."""
    return _packed("H", values)


def numbers_from(data: bytes) -> "array[int]":
    """Undo `numbers`."""
    return _unpacked("H", data)


def _packed(code: str, values: Iterable[int]) -> bytes:
    made = array(code, values)
    if sys.byteorder == "big":
        made.byteswap()
    return made.tobytes()


def _unpacked(code: str, data: bytes) -> "array[int]":
    made = array(code)
    made.frombytes(data)
    if sys.byteorder == "big":
        made.byteswap()
    return made
