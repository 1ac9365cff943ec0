"""A tree of Python files that was opened: what is in it, and the content of each file."""

from collections.abc import Iterable
from types import TracebackType
from typing import NamedTuple, Protocol

from hwcheck.model.check import Skipped

__all__ = ["Contents", "SourceFile", "SourceTree"]


class SourceFile(NamedTuple):
    """One Python file."""

    module: str
    """Dotted; a package is named without ``__init__``."""
    path: str
    """Relative to the tree, with ``/``."""
    digest: str
    """Of the content."""
    is_package: bool
    size: int
    """In bytes."""


class Contents(Protocol):
    """Where the content of files comes from."""

    def read(self, path: str) -> bytes:
        """Read a file by the path that it has in the tree."""
        ...

    def close(self) -> None:
        """Release what is open."""
        ...


class SourceTree:
    """The Python files of one tree, wheel or source distribution, sorted by path."""

    def __init__(
        self,
        *,
        location: str,
        files: Iterable[SourceFile],
        compiled: Iterable[str],
        skipped: Iterable[Skipped],
        contents: Contents,
    ) -> None:
        self.location = location
        self.files = tuple(sorted(files, key=lambda item: item.path))
        #: Dotted names of modules that are compiled, sorted.
        self.compiled = tuple(sorted(set(compiled)))
        self.skipped = tuple(sorted(set(skipped)))
        self._contents = contents

    def read(self, file: SourceFile) -> bytes:
        """Read one of the files."""
        return self._contents.read(file.path)

    def close(self) -> None:
        """Release what is open; files can no longer be read."""
        self._contents.close()

    def __enter__(self) -> "SourceTree":
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()
