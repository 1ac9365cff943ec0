"""Start contained children and learn how they ended."""

import os
import secrets
import signal
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import Self

from hwcheck.contain.exchange import (
    MARKER,
    ChildEnd,
    Limits,
    Request,
    read_end,
    write_request,
)
from hwcheck.contain.processes import end_marked
from hwcheck.contain.tail import output_tail
from hwcheck.model.outcome import Cause

__all__ = ["ChildEnd", "Contained", "Limits", "run_contained", "start_contained"]

_SLACK = 20.0
"""Seconds for a supervisor to start, and to end everything, before we end it."""


def run_contained(
    command: Sequence[str],
    *,
    environment: Mapping[str, str],
    directory: Path,
    limits: Limits,
    progress: Path | None = None,
) -> ChildEnd:
    """Run `command` to its end, or end it, and say how it ended; see `start_contained`."""
    with start_contained(
        command, environment=environment, directory=directory, limits=limits, progress=progress
    ) as child:
        return child.wait()


def start_contained(
    command: Sequence[str],
    *,
    environment: Mapping[str, str],
    directory: Path,
    limits: Limits,
    progress: Path | None = None,
) -> "Contained":
    """Start `command` under a supervisor and return at once.

    The child gets exactly `environment` and a marker, no input, and our working directory; its
    output goes to files in `directory`, which each child needs for itself. `progress` is a file to
    which the child appends JSON lines: silence in it is limited, and a line may set the limit
    until the next one with ``"limit"``. Without `progress` only the total time is limited.
    """
    nonce = secrets.token_hex(16)
    request = Request(
        command=tuple(command),
        environment={**environment, MARKER: nonce},
        directory=directory.absolute(),
        limits=limits,
        progress=None if progress is None else progress.absolute(),
        nonce=nonce,
        parent=os.getpid(),
    )
    path = write_request(request)
    with request.log.open("wb") as log:
        supervisor = subprocess.Popen(
            # -P: a file in the working directory must not pass for a module of ours.
            [sys.executable, "-P", "-m", "hwcheck.contain.supervisor", str(path)],
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            # Ctrl-C must reach us alone; we then stop the supervisor.
            start_new_session=True,
        )
    return Contained(supervisor, request)


class Contained:
    """A running child; as a context manager it is stopped on the way out."""

    def __init__(self, supervisor: subprocess.Popen[bytes], request: Request) -> None:
        self._supervisor = supervisor
        self._request = request
        self._is_stopped = False
        self._end: ChildEnd | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.stop()

    def wait(self) -> ChildEnd:
        """Wait for the child and return how it ended; end it when the waiting is interrupted."""
        if self._end is None:
            try:
                self._await_supervisor(self._request.limits.total + _SLACK)
            except BaseException:
                self.stop()
                raise
            self._end = self._conclude()
        return self._end

    def stop(self) -> ChildEnd:
        """End the child and everything it started, unless it has ended, and return its end."""
        if self._end is None:
            self._is_stopped = True
            self._supervisor.terminate()
            self._supervisor.send_signal(signal.SIGCONT)  # a child may have stopped it
            self._await_supervisor(_SLACK)
            self._end = self._conclude()
        return self._end

    def _await_supervisor(self, seconds: float) -> None:
        try:
            self._supervisor.wait(seconds)
        except subprocess.TimeoutExpired:
            self._supervisor.kill()
            self._supervisor.wait()

    def _conclude(self) -> ChildEnd:
        code = self._supervisor.returncode
        # A child could write an end record of its own, and kill the supervisor.
        end = read_end(self._request.directory) if code == 0 else None
        if end is not None:
            return end
        end_marked(self._request.nonce)
        if self._is_stopped and code == -signal.SIGTERM:
            # It was stopped before it could start anything.
            return self._end_without_record(Cause.INTERRUPTED, "interrupted")
        how = f"was killed by signal {-code}" if code < 0 else f"ended with exit {code}"
        complaint = output_tail(self._request.log, Path(os.devnull)).rpartition("\n")[2]
        ended = f"the supervisor {how} and left no record" + (complaint and f": {complaint}")
        return self._end_without_record(Cause.OTHER, ended)

    def _end_without_record(self, cause: Cause, ended: str) -> ChildEnd:
        return ChildEnd(
            exit_code=None,
            signal=None,
            cause=cause,
            ended=ended,
            seconds=0.0,
            peak_bytes=0,
            tail=output_tail(self._request.stdout, self._request.stderr),
            left_processes=(),
        )
