"""Reading a reply file, which a plugin may have cut short, doubled or overwritten."""

import errno
import os
import stat
from dataclasses import dataclass
from pathlib import Path

from hwcheck.codec import decode_line, decode_step
from hwcheck.errors import CodecError
from hwcheck.model.observation import Step, StepName, StepState

__all__ = ["Reply", "read_reply"]

#: Some hundred times what the longest honest reply takes.
_LARGEST = 64 * 2**20


@dataclass(frozen=True, slots=True, kw_only=True)
class Reply:
    """What a child said before it ended."""

    steps: tuple[Step, ...]
    """Those that ended, then the one that the child died in, if any."""
    finished: bool
    """Whether the child said that it came to its own end."""
    forked_in: str | None
    """The first step in which the plugin forked a copy that went on."""
    damage: str | None
    """What is wrong with the file, ``None`` when every line is in its place."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Line:
    nonce: str
    sequence: int
    phase: str
    step: str = ""
    subject: str = ""
    record: str = ""
    """A step in JSON."""


def read_reply(path: Path, nonce: str) -> Reply:
    """Read a reply file; whatever is wrong with it is told in the result."""
    try:
        data = _read_regular(path)
    except OSError as error:
        damage = f"the file cannot be read: {error.strerror}"
        return Reply(steps=(), finished=False, forked_in=None, damage=damage)
    raw_lines = data.split(b"\n")
    reader = _Reader(nonce)
    for number, raw in enumerate(raw_lines[:-1], 1):
        reader.take(number, raw)
    if raw_lines[-1]:
        reader.damage = reader.damage or f"line {len(raw_lines)} is not complete"
    return reader.reply()


def _read_regular(path: Path) -> bytes:
    # A plugin can put anything in its place; a pipe would block us, a device would never end.
    descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK)
    with os.fdopen(descriptor, "rb") as stream:
        if not stat.S_ISREG(os.fstat(descriptor).st_mode):
            raise OSError(errno.EINVAL, "it is no regular file")
        return stream.read(_LARGEST)


class _Reader:
    def __init__(self, nonce: str) -> None:
        self._nonce = nonce
        self._steps: list[Step] = []
        self._open: tuple[StepName, str] | None = None
        self._sequence = 0
        self._finished = False
        self._begun: list[str] = []
        self._forked_in: set[str] = set()
        self.damage: str | None = None

    def take(self, number: int, raw: bytes) -> None:
        try:
            line = decode_line(raw, _Line)
        except CodecError:
            self.damage = self.damage or f"line {number} is not the probe's"
            return
        if line.nonce != self._nonce:
            self.damage = self.damage or f"line {number} was not written by this child"
            return
        if line.phase == "forked":
            self._forked_in.add(line.step)
            return
        if line.sequence != self._sequence + 1:
            self.damage = self.damage or f"line {number} is out of order"
        self._sequence = line.sequence
        self._take_phase(number, line)

    def _take_phase(self, number: int, line: _Line) -> None:
        try:
            match line.phase:
                case "begin":
                    self._open = (StepName(line.step), line.subject)
                    self._begun.append(line.step)
                case "end":
                    self._steps.append(decode_step(line.record))
                    self._open = None
                case "finish":
                    self._finished = True
                case _:
                    self.damage = self.damage or f"line {number} has no known phase"
        except (CodecError, ValueError):
            self.damage = self.damage or f"line {number} cannot be read as a step"

    def reply(self) -> Reply:
        steps = list(self._steps)
        if self._open is not None and not self._finished:
            steps.append(Step(name=self._open[0], subject=self._open[1], state=StepState.DIED))
        return Reply(
            steps=tuple(steps),
            finished=self._finished,
            forked_in=self._first_forked(),
            damage=self.damage,
        )

    def _first_forked(self) -> str | None:
        # By the order of the steps: which copy tells first is chance.
        begun = (step for step in self._begun if step in self._forked_in)
        return next(begun, min(self._forked_in, default=None))
