"""Find, measure and end processes, tolerating that they vanish meanwhile."""

import os
import shlex
import signal
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from pathlib import Path

import psutil

from hwcheck.contain.exchange import MARKER

__all__ = [
    "descendants",
    "descendants_at_a_glance",
    "describe",
    "end_all",
    "end_marked",
    "is_busy",
    "living",
    "reap",
    "resident_bytes",
]

_PATIENCE = 10.0
"""Seconds until we give up on a process that not even SIGKILL ends (one in a hung driver)."""
_LONGEST_DESCRIPTION = 300
_CHILDREN = Path("/proc/thread-self/children")
_BUSY = (psutil.STATUS_RUNNING, psutil.STATUS_DISK_SLEEP, psutil.STATUS_WAKING)


def descendants() -> list[psutil.Process]:
    """Return the processes below the current one that are no zombies."""
    return list(filter(_is_alive, psutil.Process().children(recursive=True)))


def descendants_at_a_glance() -> list[psutil.Process]:
    """Return the processes below the current one, at little cost; some may be overlooked.

    Linux lists the children of a thread, without one of them when another ends at that moment.
    """
    if not _CHILDREN.exists():
        return descendants()
    found, left = list[psutil.Process](), [os.getpid()]
    while left:
        ids = _listed_children(left.pop())
        left += ids
        for process in ids:
            with suppress(psutil.Error):
                found.append(psutil.Process(process))
    return found


def living(nonce: str) -> list[psutil.Process]:
    """Return descendants of ours, and any process that carries the marker `nonce`."""
    return list({*descendants(), *_marked(nonce)})


def is_busy(process: psutil.Process) -> bool:
    """Whether `process` has something to do, be it that it waits for a processor or a disk."""
    try:
        return process.status() in _BUSY
    except psutil.Error:
        return False


def resident_bytes(processes: Iterable[psutil.Process], *, limit: int) -> int:
    """Return the memory resident in `processes` together.

    Pages that forked processes share are counted for each of them as long as the sum stays within
    `limit`; above it they are divided among them, which is exact and slow.
    """
    processes = list(processes)
    resident = sum(map(_resident, processes))
    return resident if resident <= limit else sum(map(_proportional, processes))


def describe(processes: Iterable[psutil.Process]) -> tuple[str, ...]:
    """Return the command lines of `processes`, sorted, without ids that differ between runs."""
    return tuple(sorted(filter(None, map(_command_line, processes))))


def reap() -> Iterator[tuple[int, int]]:
    """Yield process id and exit code (negative: signal) of our children that have ended."""
    with suppress(ChildProcessError):
        while True:
            process, status = os.waitpid(-1, os.WNOHANG)
            if process == 0:
                return
            yield process, os.waitstatus_to_exitcode(status)


def end_all(nonce: str) -> None:
    """Kill our descendants and marked processes until none is left, and reap those of ours."""
    _kill_until_none(lambda: living(nonce), after_kill=lambda: dict(reap()))


def end_marked(nonce: str) -> None:
    """Kill the processes that carry the marker `nonce`, whoever they belong to."""
    _kill_until_none(lambda: list(_marked(nonce)), after_kill=lambda: None)


def _listed_children(process: int) -> list[int]:
    found = list[int]()
    with suppress(OSError):
        for thread in Path(f"/proc/{process}/task").iterdir():
            with suppress(OSError):
                found += map(int, (thread / "children").read_text(encoding="ascii").split())
    return found


def _kill_until_none(
    find: Callable[[], list[psutil.Process]], *, after_kill: Callable[[], object]
) -> None:
    deadline = time.monotonic() + _PATIENCE
    while (found := find()) and time.monotonic() < deadline:
        for process in found:
            _kill(process)
        # A killed process needs a moment to go; those below it become ours only then.
        time.sleep(0.005)
        after_kill()
    after_kill()


def _marked(nonce: str) -> Iterator[psutil.Process]:
    for process in psutil.process_iter():
        with suppress(psutil.Error, OSError):
            if process.environ().get(MARKER) == nonce and _is_alive(process):
                yield process


def _is_alive(process: psutil.Process) -> bool:
    try:
        return bool(process.status() != psutil.STATUS_ZOMBIE)
    except psutil.Error:
        return False


def _resident(process: psutil.Process) -> int:
    try:
        return int(process.memory_info().rss)
    except psutil.Error:
        return 0


def _proportional(process: psutil.Process) -> int:
    try:
        return int(process.memory_full_info().pss)
    except (psutil.Error, OSError, AttributeError):
        return _resident(process)


def _command_line(process: psutil.Process) -> str | None:
    try:
        line = shlex.join(process.cmdline()) or process.name()
    except psutil.Error:
        return None
    # A process may rename itself to anything.
    line = "".join(character if character.isprintable() else "?" for character in line)
    return line if len(line) <= _LONGEST_DESCRIPTION else line[: _LONGEST_DESCRIPTION - 3] + "..."


def _kill(process: psutil.Process) -> None:
    with suppress(psutil.Error, OSError):
        group = os.getpgid(process.pid)
        # A whole group dies at once, which leaves no time to fork. The group can hold nobody
        # else: each child started in a session of its own.
        if process.is_running() and group != os.getpgrp():
            os.killpg(group, signal.SIGKILL)
        process.kill()
