"""What a command outlives: a reader that goes away, and a batch system's wish to end it."""

from __future__ import annotations

import errno
import io
import signal
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from _typeshed import ReadableBuffer

__all__ = ["keep_standard_error", "termination_interrupts"]

#: The reader of a pipe has gone; the terminal was closed.
_NOBODY_READS = (errno.EPIPE, errno.EIO)


def keep_standard_error() -> None:
    """Go on when nobody reads what is told on standard error.

    In ``hwcheck run ... 2>&1 | tee log`` a Ctrl-C ends `tee` as well, and what was found has yet to
    be written.
    """
    told = sys.stderr
    if isinstance(told, io.TextIOWrapper):
        told.flush()
        sys.stderr = io.TextIOWrapper(
            _Lasting(told.fileno(), "w", closefd=False),  # as `python -u`
            encoding=told.encoding,
            errors=told.errors,
            write_through=True,
        )


@contextmanager
def termination_interrupts() -> Iterator[None]:
    """Take a batch system's or a closed terminal's signal for Ctrl-C: what was done is kept."""
    numbers = [
        number
        for number in (signal.SIGTERM, signal.SIGHUP)
        if signal.getsignal(number) is signal.SIG_DFL  # nohup ignores SIGHUP
    ]
    for number in numbers:
        signal.signal(number, signal.default_int_handler)
    try:
        yield
    finally:
        for number in numbers:
            signal.signal(number, signal.SIG_DFL)


class _Lasting(io.FileIO):
    """A file that takes everything, even when it leads nowhere any more."""

    def write(self, data: ReadableBuffer, /) -> int:
        try:
            return super().write(data)
        except OSError as error:
            if error.errno not in _NOBODY_READS:
                raise
            return memoryview(data).nbytes
