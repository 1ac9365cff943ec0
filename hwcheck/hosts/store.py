"""Reading facts from a file that holds many hosts."""

import mmap
import struct
import zlib
from collections.abc import Collection, Iterator
from functools import cached_property
from itertools import accumulate
from pathlib import Path
from typing import TypeVar

from hwcheck.codec import unpack
from hwcheck.errors import CodecError, HostError
from hwcheck.hosts.blobs import apply_difference, decompress
from hwcheck.hosts.called import ModuleCalls, calls_among
from hwcheck.hosts.host_facts import HostFacts, LocatedCall, module_path
from hwcheck.hosts.layout import (
    DICTIONARY,
    HEAD,
    MAGIC,
    SCHEMA,
    VERSION,
    Bucket,
    Directory,
    bucket_of,
    from_column,
    numbers_from,
)
from hwcheck.model.extract_version import EXTRACT_VERSION
from hwcheck.model.facts import Module

__all__ = ["Store", "open_store"]

Record = TypeVar("Record")

_HEAD_SIZE = struct.calcsize(HEAD)


class Store:
    """A file of facts; nothing but its directory is read before it is asked for."""

    def __init__(self, data: "bytes | mmap.mmap", source: str) -> None:
        """Read the directory; `source` is what messages call the file.

        Raises HostError: damaged, or made by another version of hwcheck.
        """
        self._data = data
        self._source = source
        self.directory = _read_directory(data, source)
        self.releases = self.directory.releases
        self._sizes = from_column(self.directory.sizes)
        self._anchors = from_column(self.directory.anchors)
        start = _HEAD_SIZE + _directory_size(data)
        self._offsets = [start, *(start + end for end in accumulate(self._sizes))]

    def facts(self, version: str) -> HostFacts:
        """Give the facts of one of `releases`.

        Raises KeyError: there is no such release.
        """
        for index, release in enumerate(self.releases):
            if release.version == version:
                return HostFacts(
                    version=release.version,
                    digest=release.digest,
                    reader=_ReleaseReader(self, index),
                    entry_points=release.entry_points,
                )
        raise KeyError(version)

    def record(self, blob: int, type_: type[Record]) -> Record:
        """Read what a blob holds.

        Raises HostError: it is damaged.
        """
        try:
            return unpack(self._blob(blob), type_, self._source)
        except (zlib.error, CodecError, IndexError) as error:
            raise _damaged(self._source, f"blob {blob}: {error}") from error

    def numbers_of(self, name: str, buckets: tuple[int, ...]) -> bytes:
        """Look a name up in an index; empty when it is not there."""
        return self.bucket(buckets[bucket_of(name, len(buckets))]).get(name, b"")

    def bucket(self, blob: int) -> dict[str, bytes]:
        """Read a bucket of an index, once."""
        if blob not in self._buckets:
            self._buckets[blob] = self.record(blob, Bucket).numbers
        return self._buckets[blob]

    @cached_property
    def _buckets(self) -> dict[int, dict[str, bytes]]:
        return {}

    def entries_of(self, release: int) -> dict[str, tuple[bool, int, int]]:
        """Tell by module whether it is a package, and the blobs of its facts and its calls."""
        modules = self.directory.modules
        return {
            modules[module]: (bool(is_package), facts, calls)
            for module, is_package, first, last, facts, calls in self._rows
            if first <= release <= last
        }

    @cached_property
    def _rows(self) -> list[tuple[int, ...]]:
        found = self.directory
        columns = (
            found.module,
            found.is_package,
            found.first,
            found.last,
            found.facts,
            found.calls,
        )
        return list(zip(*map(from_column, columns), strict=True))

    @cached_property
    def _dictionary(self) -> bytes:
        return decompress(self._stored(DICTIONARY))

    def _blob(self, index: int) -> bytes:
        back = self._anchors[index]
        if back:
            return apply_difference(self._stored(index), self._blob(index - back), self._dictionary)
        return decompress(self._stored(index), self._dictionary)

    def _stored(self, index: int) -> bytes:
        start = self._offsets[index]
        return self._data[start : start + self._sizes[index]]


class _ReleaseReader:
    """The facts of one release in a store."""

    def __init__(self, store: Store, release: int) -> None:
        self._store = store
        self._release = release
        self.compiled = store.releases[release].compiled
        self._entries = store.entries_of(release)
        self.modules: Collection[str] = self._entries.keys()

    def module(self, name: str) -> Module:
        is_package, facts, _ = self._entries[name]
        module = self._store.record(facts, Module)
        # Names are not stored with the facts, so that modules of equal content share them.
        return module._replace(name=name, path=module_path(name, is_package=is_package))

    def calls_of(self, names: frozenset[str]) -> Iterator[LocatedCall]:
        directory = self._store.directory
        modules = {
            directory.modules[index]
            for name in names
            for index in numbers_from(self._store.numbers_of(name, directory.callers))
        }
        for module in sorted(modules & self._entries.keys()):
            is_package, _, blob = self._entries[module]
            if blob:
                calls = self._store.record(blob, ModuleCalls)
                path = module_path(module, is_package=is_package)
                yield from calls_among(calls, names, module, path)

    def called_names(self) -> Collection[str]:
        return {name for blob in self._store.directory.callers for name in self._store.bucket(blob)}

    def defining(self, names: frozenset[str]) -> Iterator[tuple[str, str]]:
        directory = self._store.directory
        for name in sorted(names):
            found = numbers_from(self._store.numbers_of(name, directory.definers))
            for module, first, last in zip(found[::3], found[1::3], found[2::3], strict=True):
                if first <= self._release <= last:
                    yield name, directory.modules[module]


def open_store(path: Path) -> Store:
    """Open a file of facts.

    Raises HostError: it cannot be read, is damaged, or was made by another version of hwcheck.
    """
    try:
        with path.open("rb") as stream:
            # A check reads a tenth of it.
            data = mmap.mmap(stream.fileno(), 0, access=mmap.ACCESS_READ)
    except (OSError, ValueError) as error:
        raise _damaged(path.name, f"it cannot be read: {error}") from error
    return Store(data, path.name)


def _read_directory(data: "bytes | mmap.mmap", source: str) -> Directory:
    if len(data) < _HEAD_SIZE:
        raise _damaged(source, f"it has {len(data)} bytes")
    magic, size, check, blobs = struct.unpack(HEAD, data[:_HEAD_SIZE])
    if magic != MAGIC:
        raise _damaged(source, "it is no file of facts")
    if len(data) != _HEAD_SIZE + size + blobs:
        raise _damaged(source, f"{_HEAD_SIZE + size + blobs} bytes expected, {len(data)} found")
    packed = data[_HEAD_SIZE : _HEAD_SIZE + size]
    if zlib.crc32(packed) != check:
        raise _damaged(source, "the check sum of its directory is wrong")
    directory = unpack(decompress(packed), Directory, source)
    _check_versions(directory, source)
    return directory


def _check_versions(directory: Directory, source: str) -> None:
    found = (directory.schema, directory.version, directory.extract_version)
    if found != (SCHEMA, VERSION, EXTRACT_VERSION):
        raise HostError(
            f"facts in {source!r} were made by another hwcheck:"
            f" {found[0]} {found[1]}, extractor {found[2]}"
            f"\n  this one reads {SCHEMA} {VERSION}, extractor {EXTRACT_VERSION}"
            "\n  add the host again, or rebuild the facts that hwcheck ships"
        )


def _directory_size(data: "bytes | mmap.mmap") -> int:
    size: int = struct.unpack(HEAD, data[:_HEAD_SIZE])[1]
    return size


def _damaged(source: str, found: str) -> HostError:
    return HostError(
        f"cannot read the facts in {source!r}: {found}"
        "\n  install hwcheck again, or add the host again"
    )
