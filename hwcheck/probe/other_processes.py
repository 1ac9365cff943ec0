"""What a second process of the plugin, forked or spawned, makes of the platform."""

import ctypes
import multiprocessing
import os
import signal
import time
from dataclasses import dataclass
from multiprocessing.process import BaseProcess
from pathlib import Path

from hwcheck.model.observation import ProcessSeen
from hwcheck.probe.heap import collect_seldom
from hwcheck.probe.host import current_platform
from hwcheck.probe.plain_text import shown
from hwcheck.probe.reply import FORKED_EXIT
from hwcheck.probe.resolve import owner_of, qualified_name

__all__ = [
    "Spawned",
    "follow",
    "forked_platform",
    "nested_answer",
    "spawned_answer",
    "start_spawned",
    "tell_platform",
]

_FAILED = "!"
_PR_SET_PDEATHSIG = 1
#: Taken before a plugin is loaded, which may put something else in their place.
_fork, _write, _leave = os.fork, os.write, os._exit
_getpid, _getppid = os.getpid, os.getppid
_clock, _sleep = time.monotonic, time.sleep
_INTERVAL = 0.02
_LIBC = ctypes.CDLL(None)


@dataclass(frozen=True, slots=True, kw_only=True)
class Spawned:
    """A spawned process and the file that it will answer in."""

    process: BaseProcess
    answer: Path
    nested: Path
    """What the process that this one starts in turn will answer in."""


def forked_platform() -> ProcessSeen:
    """Fork, and ask the copy.

    Raises RuntimeError: it failed or died.
    """
    reader, writer = os.pipe()
    parent = _getpid()
    pid = _fork()
    if pid == 0:
        follow(parent)
        _write(writer, _told_here())
        _leave(0)
    os.close(writer)
    with os.fdopen(reader, "rb") as pipe:
        text = pipe.read().decode()
    os.waitpid(pid, 0)
    return _heard(text)


def start_spawned(answer: Path) -> Spawned:
    """Start a process as vLLM starts its engine, which starts another as that starts a worker.

    It is not waited for.
    """
    nested = answer.with_name(f"nested-{answer.name}")
    for file in (answer, nested):
        file.unlink(missing_ok=True)
    process = multiprocessing.get_context("spawn").Process(
        target=tell_platform, args=(str(answer), _getpid(), str(nested))
    )
    process.start()
    return Spawned(process=process, answer=answer, nested=nested)


def spawned_answer(spawned: Spawned, limit: float) -> ProcessSeen:
    """Wait for a spawned process and read its answer; `limit` is in seconds.

    Raises TimeoutError: it does not answer. RuntimeError: it failed or died.
    """
    return _answered(spawned.process, spawned.answer, limit, "the spawned process")


def nested_answer(spawned: Spawned, limit: float) -> ProcessSeen:
    """Wait for the process that a spawned process started, and read its answer.

    Raises TimeoutError: it does not answer. RuntimeError: it failed or died.
    """
    return _answered(spawned.process, spawned.nested, limit, "the process of the spawned process")


def _answered(process: BaseProcess, answer: Path, limit: float, name: str) -> ProcessSeen:
    deadline = _clock() + limit
    # Not `join`: that waits for whatever the plugin starts in there as well.
    while process.exitcode is None and not answer.exists():
        if _clock() > deadline:
            process.kill()
            raise TimeoutError(f"{name} did not answer within {limit:.0f} s")
        _sleep(_INTERVAL)
    if not answer.exists():
        raise RuntimeError(f"{name} ended with exit code {process.exitcode}")
    return _heard(answer.read_text(encoding="utf-8"))


def tell_platform(path: str, parent: int, nested: str | None = None) -> None:
    """Write what this process sees to a file, let another do so one deeper, and leave."""
    follow(parent)
    collect_seldom()
    _write_whole(Path(path), _told_here())
    if nested is not None:
        try:
            _run_nested(nested)
        # What keeps the other one from being started or from its end is the answer.
        except BaseException as error:
            text = f"{_FAILED}{type(error).__name__}: {shown(error, 2000, quoted=False)}"
            _write_whole(Path(nested), text.encode("utf-8", "replace"))
    # Exit handlers and threads of the plugin's own can take for ever, and torch's take seconds.
    _leave(0)


def _run_nested(answer: str) -> None:
    # vLLM's workers are daemons, which may have no children in turn.
    process = multiprocessing.get_context("spawn").Process(
        target=tell_platform, args=(answer, _getpid()), daemon=True
    )
    process.start()
    while process.exitcode is None and not Path(answer).exists():
        _sleep(_INTERVAL)
    if not Path(answer).exists():
        raise RuntimeError(f"it ended with exit code {process.exitcode}")


def _write_whole(file: Path, data: bytes) -> None:
    unfinished = Path(f"{file}.new")
    unfinished.write_bytes(data)
    unfinished.replace(file)


def follow(parent: int) -> None:
    """End with the parent: this process must not look like one that the plugin left behind."""
    if hasattr(_LIBC, "prctl"):
        _LIBC.prctl(_PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)
    # It may be gone already: a spawned process takes a while to come here.
    if _getppid() != parent:
        _leave(0)


def _told_here() -> bytes:
    own = _getpid()
    text = _told()
    # Where the plugin forks, its copies come here too; each would overwrite what another wrote.
    if _getpid() != own:
        _leave(FORKED_EXIT)
    return text.encode("utf-8", "replace")


def _told() -> str:
    try:
        platform = current_platform()
        # Where it is missing, an instance would recurse without end.
        is_there = owner_of(type(platform), "device_type") is not None
        device_type = platform.device_type if is_there else ""  # type: ignore[attr-defined]
    # The other process ends in any case; what ended it is the answer.
    except BaseException as error:
        return f"{_FAILED}{type(error).__name__}: {shown(error, 2000, quoted=False)}"
    return f"{qualified_name(type(platform))}\n{shown(device_type, 100, quoted=False)}"


def _heard(text: str) -> ProcessSeen:
    if not text or text.startswith(_FAILED):
        raise RuntimeError(text.removeprefix(_FAILED) or "the process died without an answer")
    kind, _, device_type = text.partition("\n")
    return ProcessSeen(type=kind, device_type=device_type)
