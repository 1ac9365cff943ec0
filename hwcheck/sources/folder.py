"""The Python files below a folder: links that loop or lead out of it are not followed."""

import os
import stat
from collections.abc import Collection, Iterator
from pathlib import Path

from hwcheck.errors import SourceError
from hwcheck.model.check import Skipped, SkippedKind
from hwcheck.sources.listing import Listed, Listing
from hwcheck.sources.members import MOST_FILES, choose_tops, is_left_out

__all__ = ["list_folder"]


class _Folder:
    """Contents of files below a folder."""

    def __init__(self, root: Path) -> None:
        self._root = str(root)

    def read(self, path: str) -> bytes:
        """Read a file."""
        with open(f"{self._root}/{path}", "rb") as stream:  # noqa: PTH123  thousands are read
            return stream.read()

    def close(self) -> None:
        """Nothing is open."""


def list_folder(folder: Path, tops: Collection[str] | None) -> Listing:
    """List the files of the packages in a folder, or of the package that it is itself.

    Raises SourceError: it cannot be read, or holds too many files.
    """
    root, chosen = _root_and_tops(folder, tops)
    walk = _Walk(root)
    for top in chosen:
        walk.top(top)
    return Listing(files=tuple(walk.files), skipped=tuple(walk.skipped), contents=_Folder(root))


def _root_and_tops(folder: Path, tops: Collection[str] | None) -> tuple[Path, tuple[str, ...]]:
    try:
        if (folder / "__init__.py").is_file() and (tops is None or folder.name in tops):
            return folder.parent, (folder.name,)
        return folder, choose_tops(_shallow(folder), tops)
    except OSError as error:
        raise SourceError(f"'{folder}' cannot be read: {error.strerror or error}") from error


def _shallow(folder: Path) -> Iterator[str]:
    """Name enough files to tell packages from other folders."""
    for entry in sorted(os.scandir(folder), key=lambda item: item.name):
        if entry.name.endswith(".py"):
            yield entry.name
        elif entry.is_dir() and not is_left_out(entry.name):
            yield from _shallow_in(entry.path, entry.name)


def _shallow_in(path: str, name: str) -> Iterator[str]:
    try:
        entries = sorted(os.scandir(path), key=lambda item: item.name)
    except OSError:
        return  # a folder of others; it matters only when it is chosen
    for entry in entries:
        if entry.name.endswith(".py"):
            yield f"{name}/{entry.name}"
        elif entry.name.isidentifier() and Path(entry.path, "__init__.py").is_file():
            yield f"{name}/{entry.name}/__init__.py"
        elif entry.name.isidentifier() and entry.is_dir():
            yield f"{name}/{entry.name}/other.py"


class _Walk:
    """Collects files below a root."""

    def __init__(self, root: Path) -> None:
        self._root = root
        self.files: list[Listed] = []
        self.skipped: list[Skipped] = []

    def top(self, top: str) -> None:
        """Collect a package or a module."""
        below = len(top) - len(top.rpartition("/")[2])
        folder = self._root / top
        if folder.is_dir():
            real = os.path.realpath(folder)
            self._folder(top, below, real, (real,))
        elif (self._root / f"{top}.py").exists():
            size = (self._root / f"{top}.py").stat().st_size
            self.files.append(Listed(f"{top}.py", f"{top[below:]}.py", size))

    def _folder(self, path: str, below: int, top: str, above: tuple[str, ...]) -> None:
        try:
            entries = sorted(os.scandir(self._root / path), key=lambda item: item.name)
        except OSError as error:
            self._skip(path, SkippedKind.UNREADABLE, error.strerror or str(error))
            return
        for entry in entries:
            place = f"{path}/{entry.name}"
            if entry.name.endswith((".py", ".so", ".pyd")):
                self._file(entry, place, below, top)
            elif not is_left_out(entry.name) and entry.is_dir():
                self._inner(entry, place, below, top, above)

    def _inner(
        self, entry: os.DirEntry[str], place: str, below: int, top: str, above: tuple[str, ...]
    ) -> None:
        real = os.path.realpath(entry.path) if entry.is_symlink() else f"{above[-1]}/{entry.name}"
        if real in above:
            self._skip(place, SkippedKind.OUTSIDE, "the link leads to a folder that it stands in")
        elif not _is_within(real, top):
            self._skip(place, SkippedKind.OUTSIDE, "the link leads out of the package")
        else:
            self._folder(place, below, top, (*above, real))

    def _file(self, entry: os.DirEntry[str], place: str, below: int, top: str) -> None:
        if entry.is_symlink() and not _is_within(os.path.realpath(entry.path), top):
            self._skip(place, SkippedKind.OUTSIDE, "the link leads out of the package")
            return
        try:
            facts = entry.stat()
        except OSError as error:
            self._skip(place, SkippedKind.UNREADABLE, error.strerror or str(error))
            return
        if stat.S_ISREG(facts.st_mode):
            self.files.append(Listed(place, place[below:], facts.st_size))
        elif place.endswith(".py") and not stat.S_ISDIR(facts.st_mode):
            self._skip(place, SkippedKind.UNREADABLE, "it is no regular file")
        if len(self.files) > MOST_FILES:
            raise SourceError(f"'{self._root}' holds more than {MOST_FILES} Python files")

    def _skip(self, path: str, kind: SkippedKind, detail: str) -> None:
        self.skipped.append(Skipped(path=path, kind=kind, detail=detail))


def _is_within(real: str, top: str) -> bool:
    return real == top or real.startswith(f"{top}{os.sep}")
