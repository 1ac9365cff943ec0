"""What this process holds of the system's: memory, processes, threads, ports, shared memory."""

import os
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

__all__ = ["Holdings", "growing", "held_now"]

_PROC = Path("/proc")
_SHARED_MEMORY = Path("/dev/shm")
_LISTENING = "0A"


@dataclass(frozen=True, slots=True, kw_only=True)
class Holdings:
    """What is held at one moment: each thing as what it is called, a space, and its own mark."""

    resident: int
    """Bytes of memory."""
    processes: frozenset[str]
    """Children, and children of theirs."""
    threads: frozenset[str]
    ports: frozenset[str]
    """Sockets that listen."""
    shared_memory: frozenset[str]
    """Files that this process or a child of its uses, or used when it was looked at before."""


def held_now(
    before: Holdings | None = None, proc: Path = _PROC, shared_memory: Path = _SHARED_MEMORY
) -> Holdings:
    """Look at this process; files that were in use `before` are held as long as they exist."""
    own = proc / str(os.getpid())
    pages = int((own / "statm").read_text(encoding="ascii").split()[1])
    processes = frozenset(_descendants(proc, os.getpid()))
    # A name does not tell who made a file, and other programs make some all the time.
    used = {path for pid in (own.name, *map(_mark, processes)) for path in _used(proc / pid)}
    files = {f"{path.parent} {path.name}" for path in used if path.is_relative_to(shared_memory)}
    files |= before.shared_memory if before is not None else frozenset()
    return Holdings(
        resident=pages * os.sysconf("SC_PAGE_SIZE"),
        processes=processes,
        threads=frozenset(_threads(own)),
        ports=frozenset(_listening(own)),
        shared_memory=frozenset(item for item in files if Path(*item.split(" ", 1)).exists()),
    )


def growing(held: list[Holdings]) -> dict[str, str]:
    """What became more each time, by kind: what one look adds to the one before, and stays."""
    found: dict[str, str] = {}
    for kind in ("processes", "threads", "ports", "shared_memory"):
        last = getattr(held[-1], kind)
        added = [
            (getattr(after, kind) - getattr(before, kind)) & last
            for before, after in pairwise(held)
        ]
        if added and all(added):
            more: frozenset[str] = frozenset().union(*added)
            # The marks are others in each run.
            called = sorted({item.removesuffix(f" {_mark(item)}") for item in more})
            found[kind.replace("_", " ")] = f"{len(more)} more ({', '.join(called)})"
    return found


def _descendants(proc: Path, pid: int) -> Iterator[str]:
    children: dict[int, list[tuple[int, str]]] = {}
    for folder in proc.iterdir():
        if folder.name.isdigit():
            # A process may end meanwhile.
            with suppress(OSError, ValueError, IndexError):
                status = (folder / "stat").read_text(encoding="utf-8", errors="replace")
                # The name of the program, in parentheses, may hold anything.
                before, _, after = status.rpartition(")")
                state, parent = after.split()[:2]
                if state != "Z":
                    program = before.partition("(")[2]
                    children.setdefault(int(parent), []).append((int(folder.name), program))
    waiting = [pid]
    while waiting:
        for child, program in children.get(waiting.pop(), []):
            yield f"{program} {child}"
            waiting.append(child)


def _threads(own: Path) -> Iterator[str]:
    for folder in (own / "task").iterdir():
        # A thread may end meanwhile.
        with suppress(OSError):
            called = (folder / "comm").read_text(encoding="utf-8", errors="replace").strip()
            yield f"{called} {folder.name}"


def _listening(own: Path) -> Iterator[str]:
    sockets = set()
    for link in (own / "fd").iterdir():
        with suppress(OSError):
            target = str(link.readlink())
            if target.startswith("socket:["):
                sockets.add(target.removeprefix("socket:[").removesuffix("]"))
    for table in ("tcp", "tcp6"):
        with suppress(OSError):
            for line in (own / "net" / table).read_text(encoding="ascii").splitlines()[1:]:
                fields = line.split()
                if fields[3] == _LISTENING and fields[9] in sockets:
                    yield f"{table} {fields[1]}/{fields[9]}"


def _used(process: Path) -> Iterator[Path]:
    """The files that a process has mapped or opened."""
    # It may end meanwhile.
    with suppress(OSError):
        for line in (process / "maps").read_text(encoding="utf-8", errors="replace").splitlines():
            # Address, rights, offset, device, inode and, where there is one, the file.
            if len(fields := line.split(maxsplit=5)) > 5:
                yield Path(fields[5])
        for link in (process / "fd").iterdir():
            with suppress(OSError):
                yield link.readlink()


def _mark(item: str) -> str:
    return item.rpartition(" ")[2]
