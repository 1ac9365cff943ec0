"""What a second process of the plugin, forked or spawned, makes of the platform."""

import ctypes
import multiprocessing
import os
import signal
import tempfile
from dataclasses import dataclass
from multiprocessing.process import BaseProcess
from pathlib import Path

from hwcheck.model.observation import ProcessSeen
from hwcheck.probe.host import current_platform
from hwcheck.probe.plain_text import shown
from hwcheck.probe.resolve import qualified_name

__all__ = ["Spawned", "forked_platform", "spawned_answer", "start_spawned", "tell_platform"]

_FAILED = "!"
_PR_SET_PDEATHSIG = 1
#: Taken before a plugin is loaded, which may put something else in their place.
_fork, _write, _leave = os.fork, os.write, os._exit
_LIBC = ctypes.CDLL(None)


@dataclass(frozen=True, slots=True, kw_only=True)
class Spawned:
    """A spawned process and the file that it will answer in."""

    process: BaseProcess
    answer: Path


def forked_platform() -> ProcessSeen:
    """Fork, and ask the copy.

    Raises RuntimeError: it failed or died.
    """
    reader, writer = os.pipe()
    pid = _fork()
    if pid == 0:
        _follow_parent()
        _write(writer, _told().encode("utf-8", "replace"))
        _leave(0)
    os.close(writer)
    with os.fdopen(reader, "rb") as pipe:
        text = pipe.read().decode()
    os.waitpid(pid, 0)
    return _heard(text)


def start_spawned() -> Spawned:
    """Start a process as vLLM starts its engine and workers, and do not wait for it."""
    answer = Path(tempfile.mkdtemp()) / "platform"
    process = multiprocessing.get_context("spawn").Process(
        target=tell_platform, args=(str(answer),)
    )
    process.start()
    return Spawned(process=process, answer=answer)


def spawned_answer(spawned: Spawned, limit: float) -> ProcessSeen:
    """Wait for a spawned process and read its answer; `limit` is in seconds.

    Raises TimeoutError: it does not end. RuntimeError: it failed or died.
    """
    process = spawned.process
    process.join(limit)
    if process.exitcode is None:
        process.kill()
        raise TimeoutError(f"the spawned process did not end within {limit:.0f} s")
    if not spawned.answer.exists():
        raise RuntimeError(f"the spawned process ended with exit code {process.exitcode}")
    return _heard(spawned.answer.read_text(encoding="utf-8"))


def tell_platform(path: str) -> None:
    """Write what this process sees to a file, and leave."""
    _follow_parent()
    Path(path).write_bytes(_told().encode("utf-8", "replace"))
    # Exit handlers and threads of the plugin's own can take for ever, and torch's take seconds.
    _leave(0)


def _follow_parent() -> None:
    # When the plugin takes the child down, this process must not look like one the plugin left.
    if hasattr(_LIBC, "prctl"):
        _LIBC.prctl(_PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)


def _told() -> str:
    try:
        platform = current_platform()
        # Looked up on the class: where it is missing, an instance would recurse without end.
        device_type = getattr(type(platform), "device_type", "")
    # The other process ends in any case; what ended it is the answer.
    except BaseException as error:
        return f"{_FAILED}{type(error).__name__}: {shown(error, 2000, quoted=False)}"
    return f"{qualified_name(type(platform))}\n{shown(device_type, 100, quoted=False)}"


def _heard(text: str) -> ProcessSeen:
    if not text or text.startswith(_FAILED):
        raise RuntimeError(text.removeprefix(_FAILED) or "the process died without an answer")
    kind, _, device_type = text.partition("\n")
    return ProcessSeen(type=kind, device_type=device_type)
