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
    """Files of this user that no other process uses."""


def held_now(proc: Path = _PROC, shared_memory: Path = _SHARED_MEMORY) -> Holdings:
    """Look at this process."""
    own = proc / str(os.getpid())
    pages = int((own / "statm").read_text(encoding="ascii").split()[1])
    return Holdings(
        resident=pages * os.sysconf("SC_PAGE_SIZE"),
        processes=frozenset(_descendants(proc, os.getpid())),
        threads=frozenset(_threads(own)),
        ports=frozenset(_listening(own)),
        shared_memory=frozenset(_own_files(proc, shared_memory)),
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
            called = sorted({item.rpartition(" ")[0] for item in more})
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


def _own_files(proc: Path, folder: Path) -> Iterator[str]:
    if not folder.is_dir():
        return
    others = None
    for path in folder.iterdir():
        with suppress(OSError):
            if path.stat().st_uid != os.getuid():
                continue
            others = _mapped_elsewhere(proc, folder) if others is None else others
            if str(path) not in others:
                yield f"{folder} {path.name}"


def _mapped_elsewhere(proc: Path, folder: Path) -> set[str]:
    """The files that other processes than this one work with."""
    found: set[str] = set()
    for maps in proc.glob("[0-9]*/maps"):
        if maps.parent.name == str(os.getpid()):
            continue
        with suppress(OSError):
            text = maps.read_text(encoding="utf-8", errors="replace")
            found |= {word for word in text.split() if word.startswith(f"{folder}{os.sep}")}
    return found
