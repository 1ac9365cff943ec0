"""Names that source files read, found without importing anything."""

import re
import sys
from collections.abc import Iterable, Iterator
from functools import cache
from importlib import import_module
from pathlib import Path

__all__ = ["attributes_read_in", "names_read_from_platform", "sources_of"]

_PLATFORM = b"current_platform"
_FROM_PLATFORM = re.compile(rb"\bcurrent_platform(?:\(\))?\.([A-Za-z_]\w*)")
_ATTRIBUTE = re.compile(rb"(?:\.|getattr\([^,\n]+,\s*[\"'])([A-Za-z_]\w*)")


@cache
def names_read_from_platform() -> dict[str, str]:
    """Name what vLLM's own code reads from its current platform, with one file that does."""
    found: dict[str, str] = {}
    root = Path(str(import_module("vllm").__file__)).parent
    for file, text in _texts_of(root):
        # Most files have nothing of it, which is told several times as fast without the pattern.
        if _PLATFORM not in text:
            continue
        for match in _FROM_PLATFORM.finditer(text):
            found.setdefault(match[1].decode(), str(file.relative_to(root.parent)))
    return found


def attributes_read_in(modules: Iterable[str]) -> frozenset[str]:
    """Name everything that the sources of modules and packages read after a dot."""
    return frozenset(
        match[1].decode() for text in sources_of(modules) for match in _ATTRIBUTE.finditer(text)
    )


def sources_of(modules: Iterable[str]) -> Iterator[bytes]:
    """Read the sources of imported modules and packages, file by file."""
    for name in modules:
        module = sys.modules.get(name)
        folders = [Path(folder) for folder in getattr(module, "__path__", ())]
        for folder in folders:
            yield from (text for _, text in _texts_of(folder))
        file = getattr(module, "__file__", None)
        if not folders and file:
            yield from (text for _, text in _text_of(Path(file)))


def _texts_of(folder: Path) -> Iterator[tuple[Path, bytes]]:
    for file in sorted(folder.rglob("*.py")):
        yield from _text_of(file)


def _text_of(file: Path) -> Iterator[tuple[Path, bytes]]:
    try:
        yield file, file.read_bytes()
    # A link to nowhere, or a file that others may not read.
    except OSError:
        return
