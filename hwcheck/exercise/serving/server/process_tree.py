"""What belongs to a process and must be gone after it: descendants, and files of shared memory."""

import os
import signal
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from time import sleep

__all__ = [
    "Running",
    "computing",
    "descendants",
    "end_all",
    "held_shared_files",
    "shared_files",
    "still_running",
]

_PROC = Path("/proc")
_SHARED = "/dev/shm/"
#: Of one processor; those that wait wake up now and then.
_IDLE_SHARE = 0.03


@dataclass(frozen=True, slots=True, kw_only=True)
class Running:
    """One process; the time of its start tells it from a later one with the same id."""

    id: int
    started: str
    name: str


def descendants(parent: int, marker: str = "") -> tuple[Running, ...]:
    """Return what descends from a process, and what was started with `marker` in its environment.

    Empty where the system has no ``/proc``.
    """
    table = _table()
    found = {parent}
    grown = True
    while grown:
        more = {id_ for id_, (above, _) in table.items() if above in found} - found
        grown = bool(more)
        found |= more
    found |= {id_ for id_ in table if marker and _has_marker(id_, marker)}
    found -= {parent, os.getpid()}
    return tuple(table[id_][1] for id_ in sorted(found & table.keys()))


def computing(parent: int, seconds: float) -> bool:
    """Watch a process and what descends from it, and return whether any of them computes."""
    before = _ticks(parent)
    sleep(seconds)
    share = (_ticks(parent) - before) / os.sysconf("SC_CLK_TCK") / seconds
    return share > _IDLE_SHARE


def still_running(processes: tuple[Running, ...]) -> tuple[Running, ...]:
    """Return those that have not ended."""
    now = {running for _, running in _table().values()}
    # A process may rename itself.
    ids = {(item.id, item.started) for item in now}
    return tuple(item for item in processes if (item.id, item.started) in ids)


def end_all(processes: tuple[Running, ...]) -> None:
    """Kill those that have not ended."""
    for item in still_running(processes):
        with suppress(OSError):
            os.kill(item.id, signal.SIGKILL)


def held_shared_files(ids: tuple[int, ...]) -> frozenset[str]:
    """Return the files of shared memory that processes have mapped or open and that have a name."""
    found: set[str] = set()
    for id_ in ids:
        with suppress(OSError):
            lines = (_PROC / str(id_) / "maps").read_text(errors="replace").splitlines()
            found |= {line[line.index(_SHARED) :] for line in lines if _SHARED in line}
        with suppress(OSError):
            for handle in (_PROC / str(id_) / "fd").iterdir():
                with suppress(OSError):
                    found.add(str(handle.readlink()))
    return frozenset(name for name in found if name.startswith(_SHARED) and Path(name).exists())


def shared_files() -> frozenset[str]:
    """Return all files of shared memory."""
    with suppress(OSError):
        return frozenset(map(str, Path(_SHARED).iterdir()))
    return frozenset()


def _table() -> dict[int, tuple[int, Running]]:
    """Read all processes but the dead ones that wait for their parent: parent and record."""
    found: dict[int, tuple[int, Running]] = {}
    for folder in _PROC.glob("[0-9]*"):
        with suppress(OSError, ValueError, IndexError):
            # The name stands in brackets and may hold anything.
            before, _, after = (folder / "stat").read_text(errors="replace").rpartition(")")
            state, above, *rest = after.split()
            if state not in "ZX":
                id_ = int(folder.name)
                running = Running(id=id_, started=rest[17], name=before.partition("(")[2])
                found[id_] = (int(above), running)
    return found


def _ticks(parent: int) -> int:
    ticks = 0
    for id_ in (parent, *(item.id for item in descendants(parent))):
        with suppress(OSError, ValueError, IndexError):
            text = (_PROC / str(id_) / "stat").read_text(errors="replace").rpartition(")")[2]
            ticks += sum(map(int, text.split()[11:13]))
    return ticks


def _has_marker(id_: int, marker: str) -> bool:
    with suppress(OSError):
        return marker.encode() in (_PROC / str(id_) / "environ").read_bytes()
    return False
