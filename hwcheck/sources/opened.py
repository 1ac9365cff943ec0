"""Opening whatever holds Python files: a folder, a wheel or zip, a source distribution."""

from collections.abc import Collection
from pathlib import Path

from hwcheck.errors import SourceError
from hwcheck.sources.archive import list_tar, list_zip
from hwcheck.sources.folder import list_folder
from hwcheck.sources.listing import Listing, make_tree
from hwcheck.sources.tree import SourceTree

__all__ = ["open_sources"]

_ZIP = (".whl", ".zip")
_TAR = (".tar.gz", ".tgz", ".tar", ".tar.bz2", ".tar.xz")


def open_sources(path: str | Path, *, tops: Collection[str] | None = None) -> SourceTree:
    """Open a tree; close it after use, or use it in a ``with`` statement.

    `tops` are the top-level packages and modules that count; by default those that are shipped by
    convention. A file that cannot be read is in `skipped`.

    Raises SourceError: there is nothing there, it is no tree, or far too large.
    """
    place = Path(path)
    listing = _list(place, tops)
    try:
        return make_tree(str(path), listing)
    except BaseException:
        listing.contents.close()
        raise


def _list(place: Path, tops: Collection[str] | None) -> Listing:
    try:
        is_folder, is_file = place.is_dir(), place.is_file()
    except OSError as error:
        raise SourceError(f"'{place}' cannot be read: {error.strerror or error}") from error
    if is_folder:
        return list_folder(place, tops)
    if not is_file:
        found = "is not a regular file" if place.exists() else "does not exist"
        raise SourceError(f"'{place}' {found}\n  check the path")
    name = place.name.lower()
    if name.endswith(_ZIP):
        return list_zip(place, tops)
    if name.endswith(_TAR):
        return list_tar(place, tops)
    raise SourceError(
        f"'{place}' is neither a folder nor an archive of Python files\n"
        "  name a folder, a wheel (.whl), a zip file or a source distribution (.tar.gz)"
    )
