"""Reading the Python files of trees, wheels and source distributions, whatever is in them."""

from hwcheck.sources.encoding import UndecodableError, decode
from hwcheck.sources.opened import open_sources
from hwcheck.sources.tree import Contents, SourceFile, SourceTree

__all__ = [
    "Contents",
    "SourceFile",
    "SourceTree",
    "UndecodableError",
    "decode",
    "open_sources",
]
