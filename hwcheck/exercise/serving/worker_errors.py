"""What other processes of an engine raised: vLLM logs it, and tells its user to look there."""

import os
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace

from hwcheck.contain.tail import clean
from hwcheck.model.examination import ExaminedCase
from hwcheck.model.outcome import Place
from hwcheck.probe.attribution import Attribution

__all__ = ["WorkerError", "WorkerErrors", "first_error"]

#: How vLLM calls what it does not tell; `EngineDeadError` and `MultiprocExecutor` say so, too.
_UNTOLD = "root cause"
#: Any line: the process, and behind what vLLM's logging puts in front, what it says.
_LINE = re.compile(
    r"(\([^()]*\bpid=\d+\) ?)?(?:[A-Z]+ \d\d-\d\d [\d:.]+ \[[^\]]*\] ?)?(.*)", re.DOTALL
)
_BEGIN = "Traceback (most recent call last):"
_FRAME = re.compile(r'\s+File "(?P<file>[^"]+)", line (?P<line>\d+), in (?P<function>\S+)')
_ERROR = re.compile(r"[A-Za-z_][\w.]*(?:: .*)?$")
#: Bytes of each stream; the first error is the one that is wanted.
_MOST = 1 << 20
_LONGEST = 500
_STREAMS = (1, 2)


@dataclass(frozen=True, slots=True, kw_only=True)
class WorkerError:
    """The end of a traceback."""

    words: str
    """The exception's type and message."""
    place: Place | None
    """The innermost line of the plugin's."""

    def told_in(self, case: ExaminedCase) -> ExaminedCase:
        """Tell it behind the reason of a case."""
        reason = f"{case.reason}; in another process: {self.words}"
        return replace(case, reason=reason, place=self.place or case.place)


class WorkerErrors:
    """What this process and those that it starts print from some moment on."""

    def __init__(self) -> None:
        self._begins: dict[int, int] = {}
        self.begin()

    def begin(self) -> None:
        """Leave out what has been printed so far."""
        self._begins = {number: _length(number) for number in _STREAMS}

    def behind(self, error: BaseException, attribution: Attribution) -> WorkerError | None:
        """The first error of another process, where vLLM's own only says that there is one."""
        if _UNTOLD not in str(error):
            return None
        texts = (_text(number, begin) for number, begin in self._begins.items())
        found = (first_error(text.splitlines(), attribution) for text in texts)
        return next(filter(None, found), None)


def first_error(lines: Iterable[str], attribution: Attribution) -> WorkerError | None:
    """The first exception of which a traceback was printed, whatever came of it."""
    for frames, words in _tracebacks(lines):
        if _UNTOLD in words:
            continue
        own = [frame for frame in frames if attribution.owns_file(frame["file"])]
        place = None
        if own:
            place = attribution.place(own[-1]["file"], int(own[-1]["line"]), own[-1]["function"])
        return WorkerError(words=words[:_LONGEST], place=place)
    return None


def _tracebacks(lines: Iterable[str]) -> Iterator[tuple[list[re.Match[str]], str]]:
    """Yield each traceback's frames and last line; those of several processes come interleaved."""
    begun: dict[str, list[re.Match[str]]] = {}
    for line in lines:
        process, told = _LINE.fullmatch(line).groups(default="")  # type: ignore[union-attr]
        if told.startswith(_BEGIN):
            begun[process] = []
        elif process in begun and not told.startswith((" ", "\t")) and told:
            frames = begun.pop(process)
            if _ERROR.match(told):
                yield frames, told
        elif process in begun and (frame := _FRAME.match(told)):
            begun[process].append(frame)


def _length(number: int) -> int:
    try:
        return os.fstat(number).st_size
    except OSError:
        return 0


def _text(number: int, begin: int) -> str:
    """What is in the file behind a stream; of a pipe or a terminal, nothing."""
    try:
        # It is open for writing only.
        handle = os.open(f"/proc/self/fd/{number}", os.O_RDONLY | os.O_NONBLOCK)
    except OSError:
        return ""
    with os.fdopen(handle, "rb") as stream:
        try:
            return clean(os.pread(stream.fileno(), _MOST, begin))
        except OSError:
            return ""
