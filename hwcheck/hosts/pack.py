"""Making a file of facts that holds one host or many."""

import struct
import zlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from hashlib import blake2b

from hwcheck.codec import pack
from hwcheck.hosts.blobs import compress
from hwcheck.hosts.family import Family, Record
from hwcheck.hosts.host_facts import HostEntryPoint
from hwcheck.hosts.layout import (
    HEAD,
    MAGIC,
    SCHEMA,
    VERSION,
    Bucket,
    Directory,
    Release,
    bucket_of,
    numbers,
    to_column,
)
from hwcheck.model.extract_version import EXTRACT_VERSION

__all__ = ["PackedHost", "Spans", "lay_out", "spans_of"]

#: First and last of the hosts, neighbours in their order, that have something.
Spans = tuple[tuple[int, int], ...]

#: Few names at a time are looked up there, so it pays to read a part.
_DEFINER_BUCKETS = 64


@dataclass(frozen=True, slots=True, kw_only=True)
class PackedHost:
    """A host that is to be stored."""

    version: str
    date: str = ""
    contents: Mapping[str, str]
    """By module: a key that is the same for the same content."""
    compiled: tuple[str, ...] = ()
    entry_points: tuple[HostEntryPoint, ...] = ()


def lay_out(hosts: Sequence[PackedHost], families: Iterable[Family], dictionary: bytes) -> bytes:
    """Make the file from all modules of the hosts, in any fixed order.

    The same input gives the same bytes.
    """
    blobs = _Blobs()
    blobs.add(compress(dictionary), None)
    entries = _Entries(hosts)
    for family in families:
        entries.add(family, blobs)
    callers, definers = (
        _add_index(blobs, names, count, dictionary)
        for names, count in ((entries.callers, 1), (entries.definers, _DEFINER_BUCKETS))
    )
    directory = Directory(
        schema=SCHEMA,
        version=VERSION,
        extract_version=EXTRACT_VERSION,
        releases=tuple(
            _release(host, digest) for host, digest in zip(hosts, entries.digests(), strict=True)
        ),
        modules=tuple(entries.modules),
        sizes=to_column(map(len, blobs.data)),
        anchors=to_column(blobs.anchors),
        **dict(zip(_ENTRY_COLUMNS, map(to_column, entries.columns()), strict=True)),
        callers=callers,
        definers=definers,
    )
    packed = compress(pack(directory))
    body = b"".join(blobs.data)
    return struct.pack(HEAD, MAGIC, len(packed), zlib.crc32(packed), len(body)) + packed + body


def spans_of(hosts: Sequence[PackedHost]) -> dict[str, dict[str, Spans]]:
    """Tell by module and content which hosts have it."""
    found: dict[str, dict[str, Spans]] = {}
    for index, host in enumerate(hosts):
        for module, content in host.contents.items():
            spans = found.setdefault(module, {})
            spans[content] = _merged((*spans.get(content, ()), (index, index)))
    return found


_ENTRY_COLUMNS = ("module", "is_package", "first", "last", "facts", "calls")


class _Blobs:
    """Blobs in the order of the file; equal records are stored once."""

    def __init__(self) -> None:
        self.data: list[bytes] = []
        self.anchors: list[int] = []
        self._at: dict[bytes, int] = {}

    def add(self, data: bytes, anchor: int | None) -> int:
        at = len(self.data)
        self.data.append(data)
        self.anchors.append(0 if anchor is None else at - anchor)
        return at

    def add_records(self, records: Iterable[Record]) -> list[int]:
        placed: list[int] = []
        for record in records:
            if record.digest not in self._at:
                anchor = None if record.anchor is None else placed[record.anchor]
                self._at[record.digest] = self.add(record.data, anchor)
            placed.append(self._at[record.digest])
        return placed


class _Entries:
    """The entries of the directory, and the indexes by name."""

    def __init__(self, hosts: Sequence[PackedHost]) -> None:
        self.modules: list[str] = []
        self.callers: dict[str, list[int]] = {}
        self.definers: dict[str, list[int]] = {}
        self._spans = spans_of(hosts)
        self._rows: list[tuple[int, ...]] = []
        self._identities = [
            blake2b(pack((EXTRACT_VERSION, host.compiled, host.entry_points)), digest_size=8)
            for host in hosts
        ]

    def add(self, family: Family, blobs: _Blobs) -> None:
        module = len(self.modules)
        self.modules.append(family.module)
        placed = blobs.add_records(family.records)
        defined: dict[str, list[tuple[int, int]]] = {}
        for content in family.contents:
            calls = 0 if content.calls is None else placed[content.calls]
            facts = placed[content.facts]
            identity = _identity(family, content.facts, content.calls)
            for first, last in self._spans[family.module][content.key]:
                self._rows.append((module, int(content.is_package), first, last, facts, calls))
                for name in content.defines:
                    defined.setdefault(name, []).append((first, last))
                for host in range(first, last + 1):
                    self._identities[host].update(identity)
        for name in family.calls:
            self.callers.setdefault(name, []).append(module)
        for name, spans in defined.items():
            for first, last in _merged(sorted(spans)):
                self.definers.setdefault(name, []).extend((module, first, last))

    def columns(self) -> Iterator[Iterable[int]]:
        return (iter(column) for column in zip(*self._rows, strict=True))

    def digests(self) -> list[str]:
        return [identity.hexdigest() for identity in self._identities]


def _identity(family: Family, facts: int, calls: int | None) -> bytes:
    records = family.records
    return pack(
        (family.module, records[facts].digest, None if calls is None else records[calls].digest)
    )


def _merged(spans: Iterable[tuple[int, int]]) -> Spans:
    """Spans in order, neighbours as one."""
    made: list[tuple[int, int]] = []
    for first, last in spans:
        if made and first <= made[-1][1] + 1:
            made[-1] = (made[-1][0], max(last, made[-1][1]))
        else:
            made.append((first, last))
    return tuple(made)


def _add_index(
    blobs: _Blobs, names: Mapping[str, Sequence[int]], count: int, dictionary: bytes
) -> tuple[int, ...]:
    buckets: list[dict[str, bytes]] = [{} for _ in range(count)]
    for name in sorted(names):
        buckets[bucket_of(name, count)][name] = numbers(names[name])
    return tuple(blobs.add(compress(pack(Bucket(bucket)), dictionary), None) for bucket in buckets)


def _release(host: PackedHost, digest: str) -> Release:
    return Release(
        version=host.version,
        date=host.date,
        digest=digest,
        compiled=tuple(sorted(host.compiled)),
        entry_points=tuple(sorted(host.entry_points)),
    )
