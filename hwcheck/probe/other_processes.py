"""What a second process of the plugin, forked or spawned, makes of the platform."""

import multiprocessing
import os
import tempfile
from dataclasses import dataclass
from multiprocessing.process import BaseProcess
from pathlib import Path

from hwcheck.model.observation import ProcessSeen
from hwcheck.probe.host import current_platform
from hwcheck.probe.resolve import qualified_name

__all__ = ["Spawned", "forked_platform", "spawned_answer", "start_spawned", "tell_platform"]

_FAILED = "!"


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
    pid = os.fork()
    if pid == 0:
        text = _told()
        os.write(writer, text.encode("utf-8", "replace"))
        os._exit(0)
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
    """Write what this process sees to a file."""
    Path(path).write_bytes(_told().encode("utf-8", "replace"))


def _told() -> str:
    try:
        platform = current_platform()
        device_type = platform.device_type  # type: ignore[attr-defined]
    # The other process ends in any case; what ended it is the answer.
    except BaseException as error:
        return f"{_FAILED}{type(error).__name__}: {error}"
    return f"{qualified_name(type(platform))}\n{device_type}"


def _heard(text: str) -> ProcessSeen:
    if not text or text.startswith(_FAILED):
        raise RuntimeError(text.removeprefix(_FAILED) or "the process died without an answer")
    kind, _, device_type = text.partition("\n")
    return ProcessSeen(type=kind, device_type=device_type)
