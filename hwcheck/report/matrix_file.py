"""A file of what is published of a matrix."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from hwcheck.model.matrix import Matrix

__all__ = ["MatrixFile", "MatrixWriter"]


@dataclass(frozen=True, slots=True, kw_only=True)
class MatrixFile:
    """A file of the folder that is published."""

    path: str
    """Relative, with slashes."""
    text: str


MatrixWriter = Callable[[Matrix], Iterator[MatrixFile]]
