"""All contents that one module has had over the releases, packed together."""

from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Sequence
from hashlib import blake2b
from typing import NamedTuple

from hwcheck.codec import pack
from hwcheck.hosts.blobs import compress
from hwcheck.hosts.called import ModuleCalls, group_calls
from hwcheck.hosts.differences import difference
from hwcheck.hosts.host_facts import defined_names
from hwcheck.hosts.segments import segment_calls, segment_module
from hwcheck.model.facts import Calls, Module

__all__ = ["Content", "Family", "PackedContent", "Record", "make_dictionary", "pack_family"]

_NO_CALLS = ModuleCalls()
#: How many times the size of a whole record its differences may have together.
_WORTH = 2.0
#: Differences to differences: each makes reading an old release slower.
_DEEPEST = 6
_DICTIONARY = 32768


class Content(NamedTuple):
    """What was extracted of one content of a module."""

    key: str
    module: Module
    calls: Calls


class Record(NamedTuple):
    """One packed record."""

    digest: bytes
    """Of the record before it was compressed."""
    data: bytes
    anchor: int | None
    """Index of the record of this family that it is the difference to."""


class PackedContent(NamedTuple):
    """One content of a module."""

    key: str
    is_package: bool
    facts: int
    """Index into the records of the family."""
    calls: int | None
    defines: tuple[str, ...]


class Family(NamedTuple):
    """A module with all its contents."""

    module: str
    contents: tuple[PackedContent, ...]
    records: tuple[Record, ...]
    """An anchor stands before what differs from it."""
    calls: tuple[str, ...]
    """All names that it calls, sorted."""


def pack_family(
    module: str, contents: Iterable[Content], kept: Collection[str] | None, dictionary: bytes
) -> Family:
    """Pack the contents of a module; the first ones are read fastest.

    `kept` are the names of which calls are kept, see `group_calls`.
    """
    series = _Series(dictionary), _Series(dictionary)
    packed: list[tuple[str, bool, int, int | None, tuple[str, ...]]] = []
    called: set[str] = set()
    for content in contents:
        calls = group_calls(content.calls, kept)
        called.update(item.name for item in calls.names)
        facts_at = series[0].add(segment_module(content.module._replace(name="", path="")))
        calls_at = series[1].add(segment_calls(calls)) if calls != _NO_CALLS else None
        defines = tuple(sorted(defined_names(content.module)))
        packed.append((content.key, content.module.is_package, facts_at, calls_at, defines))
    first_calls = len(series[0].records)
    return Family(
        module,
        tuple(
            PackedContent(key, is_package, facts, None if at is None else first_calls + at, defines)
            for key, is_package, facts, at, defines in packed
        ),
        (*series[0].records, *(_moved(record, first_calls) for record in series[1].records)),
        tuple(sorted(called)),
    )


def make_dictionary(contents: Iterable[Content]) -> bytes:
    """Collect what most records repeat, the most frequent last, where it costs least."""
    counts: Counter[bytes] = Counter()
    for content in contents:
        counts.update(set(_small_pieces(content)))
    worth = {piece: (count - 1) * (len(piece) - 3) for piece, count in counts.items()}
    chosen: list[bytes] = []
    size = 0
    for piece in sorted(worth, key=lambda item: (-worth[item], item)):
        size += len(piece)
        if size > _DICTIONARY or worth[piece] <= 0:
            break
        chosen.append(piece)
    return b"".join(reversed(chosen))


class _Base(NamedTuple):
    """A record that others can be the difference to."""

    at: int
    pieces: Sequence[bytes]
    depth: int
    """How many differences lie between it and a whole record."""


class _Series:
    """Records of one kind, each as the difference to an earlier one where that is smaller."""

    def __init__(self, dictionary: bytes) -> None:
        self.records: list[Record] = []
        self._dictionary = dictionary
        self._at: dict[bytes, int] = {}
        self._bases: list[_Base] = []
        """The last whole record, and the last of all."""
        self._spent = 0
        """Bytes of differences since the last whole record."""

    def add(self, pieces: Sequence[bytes]) -> int:
        whole = b"".join(pieces)
        digest = blake2b(whole, digest_size=16).digest()
        if digest not in self._at:
            self._at[digest] = len(self.records)
            self.records.append(self._make(digest, pieces, whole))
        return self._at[digest]

    def _make(self, digest: bytes, pieces: Sequence[bytes], whole: bytes) -> Record:
        at = len(self.records)
        full = compress(whole, self._dictionary)
        choices = [
            (difference(base.pieces, pieces, self._dictionary), base)
            for base in self._bases
            if base.depth < _DEEPEST
        ]
        small, base = min(choices, key=lambda choice: len(choice[0]), default=(full, None))
        # Contents drift away from the whole record: when the differences have cost as much as
        # another whole record would, one is made.
        if base is None or len(small) >= len(full) or self._spent + len(small) > _WORTH * len(full):
            self._bases = [_Base(at, pieces, 0)]
            self._spent = 0
            return Record(digest, full, None)
        self._spent += len(small)
        self._bases = [self._bases[0], _Base(at, pieces, base.depth + 1)]
        return Record(digest, small, base.at)


def _moved(record: Record, by: int) -> Record:
    return record if record.anchor is None else record._replace(anchor=record.anchor + by)


def _small_pieces(content: Content) -> Iterator[bytes]:
    module = content.module
    for binding in module.bindings:
        yield pack(binding)
    for owner in module.classes:
        yield pack(owner.bases)
        yield from map(pack, owner.attributes)
    for function in (
        *module.functions,
        *(item for cls in module.classes for item in cls.functions),
    ):
        yield from map(pack, function.parameters)
        yield pack((function.name, function.form, function.parameters))
    for site in content.calls.sites:
        yield pack(site._replace(step=0, scope=""))[: -len(pack(("", 0))) + 1]
