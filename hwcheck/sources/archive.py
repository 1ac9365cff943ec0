"""The Python files in a wheel, zip or source distribution, without unpacking it."""

import re
import tarfile
import zipfile
import zlib
from collections.abc import Collection, Iterable, Iterator, Mapping
from pathlib import Path

from hwcheck.errors import SourceError
from hwcheck.model.check import Skipped, SkippedKind
from hwcheck.sources.listing import Listed, Listing
from hwcheck.sources.members import (
    LARGEST_FILE,
    LARGEST_TREE,
    MOST_FILES,
    choose_tops,
    is_left_out,
    leads_outside,
)

__all__ = ["list_tar", "list_zip"]

#: An archive that unpacks to more is not gone through to its end.
_LARGEST_ARCHIVE = 8 * 2**30
_DATA = re.compile(r"[^/]+\.data/(?:purelib|platlib)/")


class _Zip:
    """Contents of the members of a zip file."""

    def __init__(self, archive: zipfile.ZipFile, members: Mapping[str, zipfile.ZipInfo]) -> None:
        self._archive = archive
        self._members = members

    def read(self, path: str) -> bytes:
        """Read a member, never more than it is said to hold."""
        try:
            with self._archive.open(self._members[path]) as stream:
                return stream.read(LARGEST_FILE + 1)
        except (zipfile.BadZipFile, zlib.error, EOFError, RuntimeError) as error:
            raise OSError(f"the archive is damaged there: {error}") from error
        except NotImplementedError as error:
            raise OSError(f"it is compressed in an unknown way: {error}") from error

    def close(self) -> None:
        """Close the archive."""
        self._archive.close()


class _Memory:
    """Contents that had to be read in order."""

    def __init__(self, files: Mapping[str, bytes]) -> None:
        self._files = dict(files)

    def read(self, path: str) -> bytes:
        """Give a content."""
        return self._files[path]

    def close(self) -> None:
        """Forget the contents."""
        self._files.clear()


def list_zip(file: Path, tops: Collection[str] | None) -> Listing:
    """List a wheel or another zip file.

    Raises SourceError: it is no readable zip file, or holds too many members.
    """
    try:
        archive = zipfile.ZipFile(file)
    except (zipfile.BadZipFile, OSError, NotImplementedError) as error:
        raise SourceError(f"'{file}' cannot be read as a zip archive: {error}") from error
    try:
        infos = [item for item in archive.infolist() if not item.is_dir()]
        _refuse_many(file, len(infos))
        skipped = tuple(_outside(item.filename for item in infos))
        members = {
            _DATA.sub("", item.filename): item for item in infos if not leads_outside(item.filename)
        }
    except BaseException:
        archive.close()
        raise
    root = _only_folder(members)
    inner = {path.removeprefix(root): item for path, item in members.items()}
    return Listing(
        files=tuple(
            Listed(path, name, inner[path].file_size) for path, name in _chosen(inner, tops)
        ),
        skipped=skipped,
        contents=_Zip(archive, inner),
    )


def list_tar(file: Path, tops: Collection[str] | None) -> Listing:
    """List a source distribution, reading its Python files into memory.

    Raises SourceError: it is no readable tar file, or unpacks to too much.
    """
    sizes: dict[str, int] = {}
    contents: dict[str, bytes] = {}
    skipped: list[Skipped] = []
    try:
        with tarfile.open(file) as archive:
            for member in _members(file, archive, skipped):
                sizes[member.name] = member.size
                if member.name.endswith(".py") and member.size <= LARGEST_FILE:
                    stream = archive.extractfile(member)
                    contents[member.name] = stream.read() if stream else b""
                    _refuse_large(file, sum(map(len, contents.values())))
    except (tarfile.TarError, EOFError, zlib.error, OSError) as error:
        raise SourceError(f"'{file}' cannot be read as a source distribution: {error}") from error
    root = _only_folder(sizes)
    inner = {path.removeprefix(root): size for path, size in sizes.items()}
    return Listing(
        files=tuple(Listed(path, name, inner[path]) for path, name in _chosen(inner, tops)),
        skipped=tuple(skipped),
        contents=_Memory({path.removeprefix(root): data for path, data in contents.items()}),
    )


def _members(
    file: Path, archive: tarfile.TarFile, skipped: list[Skipped]
) -> Iterator[tarfile.TarInfo]:
    total = 0
    for number, member in enumerate(archive):
        total += member.size
        _refuse_many(file, number)
        if total > _LARGEST_ARCHIVE:
            raise SourceError(f"'{file}' unpacks to more than {_LARGEST_ARCHIVE} bytes")
        if leads_outside(member.name):
            skipped.extend(_outside([member.name]))
        elif member.isfile():
            yield member
        elif (member.issym() or member.islnk()) and member.name.endswith(".py"):
            detail = "it is a link, which is not followed in an archive"
            kind = SkippedKind.UNREADABLE
            skipped.append(Skipped(path=member.name, kind=kind, detail=detail))


def _outside(names: Iterable[str]) -> Iterator[Skipped]:
    for name in names:
        if leads_outside(name):
            detail = "the name leads out of the archive"
            yield Skipped(path=name, kind=SkippedKind.OUTSIDE, detail=detail)


def _only_folder(names: Collection[str]) -> str:
    """The folder that everything is in, as in a source distribution; else nothing."""
    tops = {name.partition("/")[0] for name in names}
    folder = next(iter(tops)) + "/" if len(tops) == 1 else ""
    holds_project = any(
        f"{folder}{name}" in names for name in ("PKG-INFO", "pyproject.toml", "setup.py")
    )
    return folder if folder and holds_project else ""


def _chosen(names: Collection[str], tops: Collection[str] | None) -> Iterator[tuple[str, str]]:
    """The files of the chosen packages: where they are, and their importable names."""
    for top in choose_tops(names, tops):
        below = len(top) - len(top.rpartition("/")[2])
        for name in sorted(names):
            if name == f"{top}.py" or (
                name.startswith(f"{top}/") and not any(map(is_left_out, name.split("/")[:-1]))
            ):
                yield name, name[below:]


def _refuse_many(file: Path, count: int) -> None:
    if count > MOST_FILES:
        raise SourceError(f"'{file}' holds more than {MOST_FILES} files")


def _refuse_large(file: Path, size: int) -> None:
    if size > LARGEST_TREE:
        raise SourceError(f"'{file}' holds more than {LARGEST_TREE} bytes of Python")
