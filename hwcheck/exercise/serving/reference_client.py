"""Ask the reference, which runs in another process, and never wait for it without end."""

import os
import select
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from time import monotonic
from types import TracebackType
from typing import BinaryIO, Self

import numpy as np
from numpy.typing import NDArray

from hwcheck.errors import HwcheckError
from hwcheck.exercise.serving.reference_lines import (
    Asked,
    Backend,
    Failure,
    Question,
    format_question,
    parse_answer,
)

__all__ = ["Reference", "ReferenceFailed"]

Array = NDArray[np.float64]

_SERVER = "hwcheck.exercise.serving.reference_server"
#: Seconds for an answer, where the first one starts Python and reads the model.
_LIMIT = 60.0
_GRACE = 2.0
_LONGEST_TAIL = 600
#: More threads than one cost more than they give on models of this size.
_THREADS = {"OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1", "MKL_NUM_THREADS": "1"}


class ReferenceFailed(HwcheckError):
    """The reference gave no answer; the message says why. Never the fault of a plugin."""


class Reference:
    """One checkpoint as the reference computes it, in a process that ends with the block.

    The process stays in the caller's group, so that who ends that ends this as well.
    """

    def __init__(
        self,
        checkpoint: Path,
        *,
        kind: Backend = Backend.NUMPY,
        limit: float = _LIMIT,
        command: Sequence[str] = (sys.executable, "-P", "-m", _SERVER),
        environment: Mapping[str, str] | None = None,
    ) -> None:
        self._checkpoint = checkpoint
        self._kind = kind
        self._limit = limit
        self._command = list(command)
        inherited = os.environ if environment is None else environment
        self._environment = {**inherited, **_THREADS}
        self._process: subprocess.Popen[bytes] | None = None
        self._printed: BinaryIO | None = None

    def __enter__(self) -> Self:
        """Start the process."""
        self._printed = tempfile.TemporaryFile()
        self._process = subprocess.Popen(
            self._command,
            env=self._environment,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=self._printed,
            bufsize=0,
            start_new_session=False,
        )
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """End the process."""
        self._end()
        if self._printed is not None:
            self._printed.close()

    def logprobs(
        self, tokens: Sequence[int], adapter: Path | None = None, *, first: int = 0
    ) -> Array:
        """Return log-probabilities: row i is about the token that follows ``tokens[first + i]``."""
        return self._ask(Asked.LOGPROBS, tokens, adapter, first=first)

    def logits(self, tokens: Sequence[int]) -> Array:
        """Return logits: row i is about the token that follows ``tokens[i]``."""
        return self._ask(Asked.LOGITS, tokens, None)

    def greedy(self, prompt: Sequence[int], count: int, adapter: Path | None = None) -> list[int]:
        """Return the `count` likeliest tokens that continue a prompt, each after the others."""
        array = self._ask(Asked.GREEDY, prompt, adapter, count=count)
        return [int(token) for token in array]

    def embedding(self, tokens: Sequence[int]) -> Array:
        """Return the pooled state: that of the last token, normalised to length 1."""
        return self._ask(Asked.EMBEDDING, tokens, None)

    def _ask(
        self,
        what: Asked,
        tokens: Sequence[int],
        adapter: Path | None,
        *,
        first: int = 0,
        count: int = 0,
    ) -> Array:
        question = Question(
            checkpoint=str(self._checkpoint.resolve()),
            adapter=None if adapter is None else str(adapter.resolve()),
            tokens=tuple(int(token) for token in tokens),
            what=what,
            first=first,
            count=count,
            kind=self._kind,
        )
        line = self._exchanged(format_question(question))
        try:
            answer = parse_answer(line)
        except ValueError as error:
            self._end()
            raise ReferenceFailed(f"the reference answered {line[:80]!r}, no answer") from error
        if isinstance(answer, Failure):
            raise ReferenceFailed(f"the reference cannot compute {what.value}: {answer.error}")
        return answer.array

    def _exchanged(self, line: bytes) -> bytes:
        """Send a line, and return the line that comes back."""
        process = self._process
        if process is None or process.stdin is None or process.stdout is None:
            raise ReferenceFailed("the reference was asked outside of its with block, or has ended")
        end = monotonic() + self._limit
        streams = process.stdin.fileno(), process.stdout.fileno()
        os.set_blocking(streams[0], False)
        pieces: list[bytes] = []
        received: bytes | None = None
        while b"\n" not in (received or b""):
            left = end - monotonic()
            writable, readable = _ready(*streams, bool(line), left)
            # One that writes without end is always readable.
            if left < 0 or not (writable or readable):
                raise self._lost(f"gave no answer within {self._limit:g} s")
            try:
                if writable:
                    line = line[os.write(streams[0], line) :]
                received = os.read(streams[1], 1 << 16) if readable else None
            except OSError as error:
                raise self._lost("no longer listens") from error
            if received == b"":
                raise self._lost("ended")
            pieces.append(received or b"")
        return b"".join(pieces).partition(b"\n")[0]

    def _lost(self, how: str) -> ReferenceFailed:
        self._end()
        printed = ""
        if self._printed is not None:
            self._printed.seek(0)
            printed = self._printed.read().decode(errors="replace").strip()[-_LONGEST_TAIL:]
        return ReferenceFailed(
            f"the reference {how}{f'; it printed: {printed}' if printed else ''}"
        )

    def _end(self) -> None:
        process, self._process = self._process, None
        if process is None:
            return
        for stream in (process.stdin, process.stdout):
            if stream is not None:
                stream.close()
        try:
            # It leaves when there are no more questions, unless it computes or hangs.
            process.wait(_GRACE)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def _ready(questions: int, answers: int, has_question: bool, seconds: float) -> tuple[bool, bool]:
    """Wait until a question can be sent on or an answer read, and return which."""
    writing = [questions] if has_question else []
    readable, writable, _ = select.select([answers], writing, [], max(seconds, 0.0))
    return bool(writable), bool(readable)
