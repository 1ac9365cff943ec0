"""What a reader lists of a tree before any content is read, and how a tree is made of it."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from hashlib import blake2b
from typing import NamedTuple

from hwcheck.errors import SourceError
from hwcheck.model.check import Skipped, SkippedKind
from hwcheck.sources.members import LARGEST_FILE, LARGEST_TREE, compiled_name, module_of
from hwcheck.sources.tree import Contents, SourceFile, SourceTree

__all__ = ["Listed", "Listing", "make_tree"]


class Listed(NamedTuple):
    """One file."""

    path: str
    """In the tree, as shown."""
    name: str
    """From the folder that is on the import path, with ``/``."""
    size: int
    """As it is said to be."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Listing:
    """The files of the chosen packages."""

    files: tuple[Listed, ...]
    skipped: tuple[Skipped, ...]
    contents: Contents


def make_tree(location: str, listing: Listing) -> SourceTree:
    """Read every Python file once, for its digest.

    Raises SourceError: together they are larger than any tree of Python files is.
    """
    skipped = list(listing.skipped)
    files = tuple(_one_for_each_module(_read_all(location, listing, skipped)))
    compiled = (compiled_name(item.name) for item in listing.files)
    return SourceTree(
        location=location,
        files=files,
        compiled=(name for name in compiled if name),
        skipped=skipped,
        contents=listing.contents,
    )


def _read_all(location: str, listing: Listing, skipped: list[Skipped]) -> Iterator[SourceFile]:
    total = 0
    for path, name, size in sorted(listing.files):
        module = module_of(name) if name.endswith(".py") else None
        if module is None:
            continue
        if size > LARGEST_FILE:
            detail = f"it has {size} bytes, more than {LARGEST_FILE}"
            skipped.append(Skipped(path=path, kind=SkippedKind.TOO_LARGE, detail=detail))
            continue
        try:
            data = listing.contents.read(path)
        except OSError as error:
            detail = error.strerror or str(error)
            skipped.append(Skipped(path=path, kind=SkippedKind.UNREADABLE, detail=detail))
            continue
        total += len(data)
        if total > LARGEST_TREE:
            raise SourceError(
                f"'{location}' holds more than {LARGEST_TREE} bytes of Python\n"
                "  no plugin and no vLLM does: check what it is"
            )
        digest = blake2b(data, digest_size=8).hexdigest()
        yield SourceFile(module.name, path, digest, module.is_package, len(data))


def _one_for_each_module(files: Iterable[SourceFile]) -> Iterable[SourceFile]:
    # A package hides a module of its name, as it does for Python.
    chosen: dict[str, SourceFile] = {}
    for file in files:
        if file.module not in chosen or file.is_package:
            chosen[file.module] = file
    return chosen.values()
