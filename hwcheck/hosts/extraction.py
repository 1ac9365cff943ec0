"""The facts of all files of trees, extracted once for each content, in several processes."""

import zlib
from collections.abc import Iterable, Iterator
from hashlib import blake2b
from itertools import chain
from typing import NamedTuple

from hwcheck.codec import pack, unpack
from hwcheck.extract import extract_host_file
from hwcheck.hosts.cache import ContentCache
from hwcheck.hosts.host_facts import module_path
from hwcheck.hosts.pool import Pool
from hwcheck.model.extract_version import EXTRACT_VERSION
from hwcheck.model.facts import Calls, Module
from hwcheck.sources import SourceFile, SourceTree, UndecodableError, decode

__all__ = ["Extracted", "Extraction", "contents_of", "tree_digest"]

_Key = tuple[str, str]
_FILES_FOR_A_PROCESS = 16


class Extracted(NamedTuple):
    """What one file gave; no module when it is no text or does not parse."""

    module: Module | None = None
    calls: Calls = Calls()


class Extraction:
    """Grows tree by tree; holds everything compressed."""

    def __init__(self, cache: ContentCache, *, processes: int, salt: str = "") -> None:
        """Extract with a cache; `salt` becomes a part of its keys."""
        self._cache = cache
        self._processes = processes
        self._salt = salt
        self._packed: dict[_Key, bytes] = {}

    def add(self, tree: SourceTree) -> None:
        """Extract what the files of a tree hold that is not there yet."""
        missing = [file for file in tree.files if not self._is_there(file)]
        tasks = [
            tuple((file.module, file.is_package, tree.read(file)) for file in some)
            for some in _batches(missing)
        ]
        with Pool(None, processes=self._processes) as pool:
            results = chain.from_iterable(pool.results(_extract_batch, tasks))
            for file, data in zip(missing, results, strict=True):
                self._packed[file.module, _content_key(file)] = data
                self._cache.put(self._cache_key(file), data)

    def get(self, module: str, content: str) -> Extracted:
        """Give what a content of a module gave.

        Raises KeyError: no such file was added.
        """
        return unpack(zlib.decompress(self._packed[module, content]), Extracted, module)

    def _is_there(self, file: SourceFile) -> bool:
        key = file.module, _content_key(file)
        if key not in self._packed:
            data = self._cache.get(self._cache_key(file))
            if data is None:
                return False
            self._packed[key] = data
        return True

    def _cache_key(self, file: SourceFile) -> str:
        return f"host file {EXTRACT_VERSION} {self._salt} {file.module} {_content_key(file)}"


def contents_of(tree: SourceTree) -> dict[str, str]:
    """Tell by module the key of its content."""
    return {file.module: _content_key(file) for file in tree.files}


def _content_key(file: SourceFile) -> str:
    """Make a key that is the same for the same content of a module."""
    return f"{file.digest}{'/' if file.is_package else ''}"


def tree_digest(tree: SourceTree, further: Iterable[str] = ()) -> str:
    """Identify what a tree will give."""
    identity = blake2b(f"{EXTRACT_VERSION} {tree.compiled} {list(further)}".encode(), digest_size=8)
    for module, content in sorted(contents_of(tree).items()):
        identity.update(f"\n{module} {content}".encode())
    return identity.hexdigest()


def _extract_batch(shared: None, batch: Iterable[tuple[str, bool, bytes]]) -> list[bytes]:
    return [zlib.compress(pack(_extract(*item)), 1) for item in batch]


def _extract(module: str, is_package: bool, data: bytes) -> Extracted:
    try:
        path = module_path(module, is_package=is_package)
        return Extracted(
            *extract_host_file(decode(data), module=module, path=path, is_package=is_package)
        )
    # The parser gives up on what is nested too deeply in one of two ways.
    except (UndecodableError, SyntaxError, RecursionError, MemoryError):
        return Extracted()


def _batches(files: list[SourceFile]) -> Iterator[list[SourceFile]]:
    for start in range(0, len(files), _FILES_FOR_A_PROCESS):
        yield files[start : start + _FILES_FOR_A_PROCESS]
