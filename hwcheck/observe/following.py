"""How far the children have come, read from their reply files while they grow."""

import os
import stat
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from hwcheck.codec import decode_line
from hwcheck.errors import CodecError
from hwcheck.model.observation import StepName

__all__ = ["CONTROL", "PROBE", "REPLY", "Follower", "StepNews"]

REPLY = "reply.jsonl"
"""The file of a child in its folder."""
PROBE, CONTROL = "probe", "control"
"""The folders of the children, and of those that look at the host's own platform."""
_MOST = 2**20


@dataclass(frozen=True, slots=True, kw_only=True)
class StepNews:
    """A step has begun, or has ended."""

    child: str
    step: str
    subject: str
    seconds: float | None
    """What it took; ``None``: it has only begun."""
    of_host: bool
    """Whether the host's own platform is looked at."""

    @property
    def contract(self) -> str | None:
        """The contract that the step examines, if it is such a step."""
        return self.subject if self.step == StepName.EXAMINE else None


@dataclass(frozen=True, slots=True, kw_only=True)
class _Line:
    phase: str
    step: str = ""
    subject: str = ""
    record: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Ended:
    seconds: float = 0.0


class Follower:
    """Reads what children have said since it last looked."""

    def __init__(self, plugins: Path, hosts: Path) -> None:
        """Follow the children in two folders, those of the plugin and those of the control."""
        self._folders = ((plugins, False), (hosts, True))
        self._offsets: dict[Path, int] = {}
        self._open: dict[Path, _Line] = {}

    def look(self) -> tuple[StepNews, ...]:
        """What is new; whatever cannot be read is no news."""
        return tuple(
            news
            for folder, of_host in self._folders
            for file in sorted(folder.glob(f"*/{REPLY}"))
            for news in self._read(file, of_host=of_host)
        )

    def _read(self, file: Path, *, of_host: bool) -> Iterator[StepNews]:
        # A child that is started again has a number behind its name.
        child = file.parent.name.partition("-")[0]
        for raw in self._lines(file):
            try:
                line = decode_line(raw, _Line)
                ended = decode_line(line.record, _Ended) if line.phase == "end" else None
            except CodecError:
                continue
            begun = self._open.pop(file, None) if ended is not None else line
            if line.phase == "begin":
                self._open[file] = line
            if begun is not None and line.phase in ("begin", "end"):
                yield StepNews(
                    child=child,
                    step=begun.step,
                    subject=begun.subject,
                    seconds=None if ended is None else ended.seconds,
                    of_host=of_host,
                )

    def _lines(self, file: Path) -> list[bytes]:
        offset = self._offsets.get(file, 0)
        data = _bytes_from(file, offset)
        whole, end, rest = data.rpartition(b"\n")
        # What has no end is no line of the probe's.
        is_endless = not end and len(rest) == _MOST
        self._offsets[file] = offset + (len(data) if is_endless else len(whole) + len(end))
        return whole.split(b"\n") if end else []


def _bytes_from(file: Path, offset: int) -> bytes:
    try:
        # A plugin can put anything in its place; a pipe would block us.
        descriptor = os.open(file, os.O_RDONLY | os.O_NONBLOCK)
        with os.fdopen(descriptor, "rb") as stream:
            if not stat.S_ISREG(os.fstat(descriptor).st_mode):
                return b""
            return os.pread(stream.fileno(), _MOST, offset)
    except OSError:
        return b""
