"""The process between us and a contained child: it watches the child and ends what it started.

Run as ``python -m hwcheck.contain.supervisor REQUEST``. It is a process of its own so that nothing
survives even when hwcheck is killed with SIGKILL.
"""

import ctypes
import os
import resource
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from hwcheck.contain.exchange import ChildEnd, Limits, Request, read_request, write_end
from hwcheck.contain.processes import (
    descendants_at_a_glance,
    describe,
    end_all,
    is_busy,
    living,
    reap,
    resident_bytes,
)
from hwcheck.contain.progress import Silence
from hwcheck.contain.tail import output_tail
from hwcheck.model.outcome import Cause

__all__ = ["main"]

_INTERVAL = 0.05
"""Seconds between two looks at the child; its exit is noticed at once."""
_MEMORY_INTERVAL = 0.1
_MEMORY_SHARE = 10
"""Measuring memory may take one part in so many of our time (there may be many processes)."""
_REST_INTERVAL = 0.02
_GRACE = 1.0
"""Seconds for helpers of a child, such as multiprocessing's tracker, to follow it by themselves."""
_LONGEST_GRACE = 5.0
"""Seconds as long as one of them is busy: on a loaded machine it may not have had its turn."""
_LARGEST_FILE = 2**30

_STOPPING = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
_AWAITED = (signal.SIGCHLD, *_STOPPING)

_PR_SET_PDEATHSIG = 1
_PR_SET_CHILD_SUBREAPER = 36


@dataclass(frozen=True, slots=True, kw_only=True)
class _Verdict:
    """How the child itself ended, before anyone looked for what it left behind."""

    ended: str
    cause: Cause | None = None
    exit_code: int | None = None
    signal: str | None = None

    @property
    def is_own_end(self) -> bool:
        """Whether the child came to this end without us."""
        return self.exit_code is not None or self.signal is not None


class _OrphanedError(Exception):
    """The process that asked for the child is gone, so nobody waits for an end record."""


def main(arguments: list[str]) -> int:
    """Run the request in the file named by `arguments` and leave an end record beside it."""
    request = read_request(Path(arguments[0]))
    _prepare()
    try:
        write_end(request.directory, _supervise(request))
    except _OrphanedError:
        return 1
    finally:
        end_all(request.nonce)
    return 0


def _prepare() -> None:
    """Make descendants ours, deliver signals only where we wait for them, limit files."""
    _prctl(_PR_SET_CHILD_SUBREAPER, 1)
    for number in (*_AWAITED, signal.SIGPIPE):
        # Whoever started us may have ignored some, which the child would inherit.
        signal.signal(number, signal.SIG_DFL)
    signal.pthread_sigmask(signal.SIG_SETMASK, _AWAITED)
    _lower_limit(resource.RLIMIT_CORE, 0)
    _lower_limit(resource.RLIMIT_FSIZE, _LARGEST_FILE)


def _supervise(request: Request) -> ChildEnd:
    output = (_open_output(request.stdout), _open_output(request.stderr))
    started = time.monotonic()
    watch = _Watch(request, output, started)
    try:
        child = _start(request, output)
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or str(error)
        ended = f"could not start {request.command[0]!r}: {reason}"
        verdict = _Verdict(cause=Cause.OTHER, ended=ended)
    else:
        verdict = watch.run(child)
    seconds = time.monotonic() - started
    left = _wait_for_the_rest(request.nonce) if verdict.is_own_end else ()
    end_all(request.nonce)
    return ChildEnd(
        exit_code=verdict.exit_code,
        signal=verdict.signal,
        cause=verdict.cause,
        ended=verdict.ended,
        seconds=round(seconds, 3),
        peak_bytes=watch.peak,
        tail=output_tail(*output),
        left_processes=left,
    )


def _start(request: Request, output: tuple[int, int]) -> int:
    """Start the child in a session of its own and return its id."""
    child = subprocess.Popen(
        request.command,
        env=request.environment,
        cwd=request.work,
        stdin=subprocess.DEVNULL,
        stdout=output[0],
        stderr=output[1],
        start_new_session=True,
        preexec_fn=_in_the_child,  # noqa: PLW1509  # safe: we have a single thread
    )
    # We wait for all children alike, so Popen must not believe that this one still runs.
    child.returncode = 0
    return child.pid


def _in_the_child() -> None:
    signal.pthread_sigmask(signal.SIG_SETMASK, ())
    _prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)


class _Watch:
    """A look at the child every few milliseconds, until it ends or must be ended."""

    def __init__(self, request: Request, output: tuple[int, int], now: float) -> None:
        self._limits: Limits = request.limits
        self._parent = request.parent
        self._output = output
        self._started = self._next_measurement = now
        self._silence = (
            None if request.progress is None else Silence(request.progress, request.limits, now=now)
        )
        self.peak = 0
        """The most memory seen, in bytes."""

    def run(self, child: int) -> _Verdict:
        """Return how the child ended, or why it must be ended now."""
        breaches: tuple[Callable[[], _Verdict | None], ...] = (
            self._find_flood,
            self._find_memory,
            self._find_silence,
            self._find_total,
        )
        while True:
            codes = dict(reap())
            if child in codes:
                return self._judge_end(codes[child])
            if os.getppid() != self._parent:
                raise _OrphanedError
            for find in breaches:
                if (verdict := find()) is not None:
                    return verdict
            received = signal.sigtimedwait(_AWAITED, _INTERVAL)
            if received is not None and received.si_signo in _STOPPING:
                return _Verdict(cause=Cause.INTERRUPTED, ended="interrupted")

    def _judge_end(self, code: int) -> _Verdict:
        # Memory between two measurements; of the largest process only.
        largest = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss * 1024
        self.peak = max(self.peak, largest)
        if code < 0:
            name = _signal_name(-code)
            ended, cause = f"killed by {name}", Cause.KILLED_BY_SIGNAL
            return _Verdict(ended=ended, cause=cause, signal=name)
        if self._find_flood() is not None:
            # The verdict must not depend on whether we looked before the child was done.
            ended = f"exit {code} after more than {_size(self._limits.output)} of output"
            return _Verdict(ended=ended, cause=Cause.OUTPUT_FLOOD, exit_code=code)
        return _Verdict(ended=f"exit {code}", exit_code=code)

    def _find_flood(self) -> _Verdict | None:
        if sum(os.fstat(file).st_size for file in self._output) <= self._limits.output:
            return None
        ended = f"ended after {_size(self._limits.output)} of output"
        return _Verdict(cause=Cause.OUTPUT_FLOOD, ended=ended)

    def _find_memory(self) -> _Verdict | None:
        before = time.monotonic()
        if before < self._next_measurement:
            return None
        used = resident_bytes(descendants_at_a_glance(), limit=self._limits.memory)
        self.peak = max(self.peak, used)
        after = time.monotonic()
        self._next_measurement = after + max(_MEMORY_INTERVAL, _MEMORY_SHARE * (after - before))
        if used <= self._limits.memory:
            return None
        ended = f"ended at {_size(used)} of memory (limit {_size(self._limits.memory)})"
        return _Verdict(cause=Cause.OUT_OF_MEMORY, ended=ended)

    def _find_silence(self) -> _Verdict | None:
        if self._silence is None or not self._silence.is_too_long(time.monotonic()):
            return None
        ended = f"timed out after {self._silence.limit:g} s without progress"
        return _Verdict(cause=Cause.TIMED_OUT, ended=ended)

    def _find_total(self) -> _Verdict | None:
        if time.monotonic() - self._started <= self._limits.total:
            return None
        return _Verdict(cause=Cause.TIMED_OUT, ended=f"timed out after {self._limits.total:g} s")


def _wait_for_the_rest(nonce: str) -> tuple[str, ...]:
    """Return the command lines of processes that do not follow the child by themselves."""
    started = time.monotonic()
    while left := living(nonce):
        grace = _LONGEST_GRACE if any(map(is_busy, left)) else _GRACE
        if time.monotonic() - started > grace:
            break
        time.sleep(_REST_INTERVAL)
        dict(reap())
    return describe(left)


def _open_output(path: Path) -> int:
    # Open for reading too: the child may remove the name, but not what we hold.
    flags = os.O_RDWR | os.O_CREAT | os.O_TRUNC | os.O_APPEND
    return os.open(path, flags, 0o600)


def _prctl(option: int, value: int) -> None:
    # Absent outside Linux, where the marker alone must find what was reparented.
    with suppress(AttributeError):
        _LIBC.prctl(option, value, 0, 0, 0)


def _lower_limit(which: int, value: int) -> None:
    _, hard = resource.getrlimit(which)
    value = value if hard == resource.RLIM_INFINITY else min(value, hard)
    resource.setrlimit(which, (value, value))


def _signal_name(number: int) -> str:
    try:
        return signal.Signals(number).name
    except ValueError:
        return f"signal {number}"


def _size(count: int) -> str:
    return f"{count / 2**30:.1f} GiB" if count >= 2**30 else f"{count / 2**20:.1f} MiB"


_LIBC = ctypes.CDLL(None)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
