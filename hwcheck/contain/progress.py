"""Watch a file of JSON lines for signs of progress."""

import json
import os
import stat
from pathlib import Path

from hwcheck.contain.exchange import Limits

__all__ = ["Silence"]

_WINDOW = 64 * 1024
"""Bytes at the end of the file that are searched for the last line."""
_LONGEST = 1e9
"""Seconds that no honest line asks for; whole numbers in JSON can exceed what a float can hold."""


class Silence:
    """How long the progress file has not grown, and how long it may."""

    def __init__(self, path: Path, limits: Limits, *, now: float) -> None:
        self._path = path
        self._step = limits.step
        self._size = _size(path) or 0
        self._since = now
        self.limit = limits.start
        """Seconds of silence that are allowed at the moment."""

    def is_too_long(self, now: float) -> bool:
        """Look at the file and say whether the silence exceeds the limit."""
        size = _size(self._path)
        if size is not None and size != self._size:
            if size > self._size:
                self._since = now
                self._read_limit(size)
            self._size = size
        return now - self._since > self.limit

    def _read_limit(self, size: int) -> None:
        line = _last_line(self._path, size)
        if line is not None:
            self.limit = _own_limit(line) or self._step


def _size(path: Path) -> int | None:
    try:
        found = path.stat()
    except OSError:
        return None
    # The child can put anything in the place of its file; reading a pipe would block us.
    return found.st_size if stat.S_ISREG(found.st_mode) else None


def _last_line(path: Path, size: int) -> bytes | None:
    """Return the last complete line of the first `size` bytes, if the file holds one."""
    start = max(0, size - _WINDOW)
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK)
        with os.fdopen(descriptor, "rb") as stream:
            text = os.pread(stream.fileno(), size - start, start)
    # It can have been removed, or replaced with a pipe, since its size was taken.
    except OSError:
        return None
    lines = text.split(b"\n")[:-1]
    return lines[-1] if lines else None


def _own_limit(line: bytes) -> float | None:
    try:
        document = json.loads(line)
    except (ValueError, RecursionError):
        return None
    limit = document.get("limit") if isinstance(document, dict) else None
    if isinstance(limit, bool) or not isinstance(limit, int | float):
        return None
    return float(limit) if 0 < limit < _LONGEST else None
