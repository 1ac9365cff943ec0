"""The code of a plugin: read, extracted in parallel, and kept by content."""

import re
import sys
import warnings
from collections.abc import Iterator, Mapping, Sequence
from hashlib import blake2b
from typing import NamedTuple

from hwcheck.analyse.subject import PluginCode
from hwcheck.analyse.target import Opened
from hwcheck.codec import pack, unpack
from hwcheck.errors import CodecError
from hwcheck.hosts.cache import ContentCache
from hwcheck.hosts.code_digest import EXTRACTION, digest_of_code
from hwcheck.hosts.pool import Pool
from hwcheck.model.check import Skipped, SkippedKind
from hwcheck.model.use import Code
from hwcheck.sources import SourceFile, UndecodableError, decode

__all__ = ["PluginSource", "plugin_digest", "read_plugin"]

#: Below this many bytes, starting a second process costs more than it saves.
_WORTH_A_PROCESS = 300_000
#: What one task reads at most; small enough to share work evenly.
_TASK = 150_000


class _Job(NamedTuple):
    file: SourceFile
    data: bytes


class _Extracted(NamedTuple):
    """One file as it is kept."""

    code: bytes
    """Packed; empty when the file was skipped."""
    kind: str = ""
    detail: str = ""


class PluginSource:
    """A plugin whose files are known and whose code is extracted when it is first asked for."""

    def __init__(self, opened: Opened, *, cache: ContentCache, processes: int) -> None:
        self.opened = opened
        self.tops = frozenset(file.module.partition(".")[0] for file in opened.tree.files)
        self.digest = plugin_digest(opened, self.tops)
        self._cache = cache
        self._processes = processes
        self._code: tuple[PluginCode, tuple[Skipped, ...]] | None = None

    @property
    def code(self) -> PluginCode:
        """The code of all files that can be read."""
        return self._read()[0]

    @property
    def skipped(self) -> tuple[Skipped, ...]:
        """The files that were left out, sorted."""
        return self._read()[1]

    def text(self, path: str) -> str:
        """Read the source of a file; empty when it cannot be read."""
        for file in self.opened.tree.files:
            if file.path == path:
                try:
                    return decode(self.opened.tree.read(file))
                except (UndecodableError, OSError):
                    return ""
        return ""

    def _read(self) -> tuple[PluginCode, tuple[Skipped, ...]]:
        if self._code is None:
            self._code = read_plugin(
                self.opened, self.tops, cache=self._cache, processes=self._processes
            )
        return self._code


def plugin_digest(opened: Opened, tops: frozenset[str]) -> str:
    """Name the content of a plugin: its files, and what is declared of it."""
    plugin, tree = opened.plugin, opened.tree
    parts = [plugin.name, *sorted(tops), *tree.compiled]
    parts += [f"{point.id}={point.value}" for point in plugin.entry_points]
    parts += [f"{file.path}:{file.module}:{file.digest}" for file in tree.files]
    return blake2b("\n".join(parts).encode("utf-8", "backslashreplace"), digest_size=16).hexdigest()


def read_plugin(
    opened: Opened, tops: frozenset[str], *, cache: ContentCache, processes: int
) -> tuple[PluginCode, tuple[Skipped, ...]]:
    """Extract every file of a plugin, those that are not kept already in several processes."""
    tree = opened.tree
    key = _pack_key(opened, tops)
    kept = _kept(cache.get(key))
    wanted = {_name(file): file for file in tree.files}
    new = [_Job(file, tree.read(file)) for name, file in wanted.items() if name not in kept]
    if new:
        kept |= _extract_all(new, tops, processes)
        cache.put(key, pack({name: kept[name] for name in wanted}))
    files: dict[str, Code] = {}
    skipped = list(tree.skipped)
    for name, file in wanted.items():
        found = kept[name]
        if found.code:
            files[file.module] = unpack(found.code, Code)
        else:
            kind = SkippedKind(found.kind)
            skipped.append(Skipped(path=file.path, kind=kind, detail=found.detail))
    plugin = PluginCode(
        name=opened.plugin.name,
        files=files,
        tops=tops,
        entry_points=opened.plugin.entry_points,
        compiled=frozenset(tree.compiled),
    )
    return plugin, tuple(sorted(set(skipped)))


def _pack_key(opened: Opened, tops: frozenset[str]) -> str:
    # One pack for a tree, so that hundreds of files are read at once; it is written anew when one
    # of them changes, which costs less than to read them singly every time.
    python = ".".join(map(str, sys.version_info[:2]))
    words = [digest_of_code(EXTRACTION), python, opened.tree.location, *sorted(tops)]
    return f"plugin code {' '.join(words)}"


def _name(file: SourceFile) -> str:
    return f"{file.path} {file.module} {file.digest}"


def _kept(data: bytes | None) -> dict[str, _Extracted]:
    if data is None:
        return {}
    try:
        return unpack(data, dict[str, _Extracted])
    except CodecError:
        return {}


def _extract_all(
    jobs: Sequence[_Job], tops: frozenset[str], processes: int
) -> Mapping[str, _Extracted]:
    if sum(len(job.data) for job in jobs) < _WORTH_A_PROCESS:
        processes = 1
    tasks = list(_portions(jobs))
    with Pool(tops, processes=processes) as pool:
        return {
            _name(job.file): found
            for task, portion in zip(tasks, pool.results(_extract_portion, tasks), strict=True)
            for job, found in zip(task, portion, strict=True)
        }


def _portions(jobs: Sequence[_Job]) -> Iterator[tuple[_Job, ...]]:
    """Divide the files into tasks, large files first."""
    portion: list[_Job] = []
    size = 0
    for job in sorted(jobs, key=lambda item: (-len(item.data), item.file.path)):
        portion.append(job)
        size += len(job.data)
        if size >= _TASK:
            yield tuple(portion)
            portion, size = [], 0
    if portion:
        yield tuple(portion)


def _extract_portion(tops: frozenset[str], jobs: tuple[_Job, ...]) -> tuple[_Extracted, ...]:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # about escapes in the plugin's text, which is its own
        return tuple(_extract(job, tops) for job in jobs)


def _extract(job: _Job, tops: frozenset[str]) -> _Extracted:
    # Imported here: when nothing changed, nothing is extracted.
    from hwcheck.extract import extract_code

    file = job.file
    try:
        text = decode(job.data)
    except UndecodableError as error:
        return _Extracted(b"", SkippedKind.ENCODING, str(error))
    try:
        code = extract_code(
            text, module=file.module, path=file.path, is_package=file.is_package, own=tops
        )
    except SyntaxError as error:
        return _Extracted(b"", SkippedKind.SYNTAX, _syntax(error))
    except (RecursionError, MemoryError):
        return _Extracted(b"", SkippedKind.SYNTAX, "its expressions are nested too deeply")
    return _Extracted(pack(code))


def _syntax(error: SyntaxError) -> str:
    reason = re.sub(r"\s+", " ", error.msg)
    python = ".".join(map(str, sys.version_info[:2]))
    return f"line {error.lineno or 0}: {reason} (read as Python {python})"
