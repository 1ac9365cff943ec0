"""The plugin's own lines, one at a time: what each of them did itself, and not what it called."""

import os
import sys
from collections.abc import Callable
from dataclasses import dataclass, field
from enum import Enum, auto
from types import CodeType, FrameType
from typing import TypeVar

from hwcheck.model.outcome import Place
from hwcheck.probe.attribution import Attribution

__all__ = ["Line", "LineWatch"]

T = TypeVar("T")
TraceFunction = Callable[[FrameType, str, object], "TraceFunction | None"]

#: Lines after which no more are looked at: a loop of the plugin's would take for ever.
_MOST_LINES = 30_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One line of the plugin's that was just taken."""

    code: CodeType
    number: int
    place: Callable[[], Place]
    is_alone: bool
    """Whether no library's function ran in it, so that whatever changed is its own doing."""
    is_with_torch: bool
    """Whether torch's functions alone ran in it."""


class _Whose(Enum):
    PLUGIN = auto()
    NOBODY = auto()
    """The standard library and hwcheck: what acts is whoever calls them."""
    TORCH = auto()
    LIBRARY = auto()


@dataclass(slots=True)
class _Pending:
    number: int
    torch: int
    library: int


@dataclass(slots=True)
class LineWatch:
    """Calls a function before and after each of the plugin's lines.

    It is the interpreter's trace function while it watches, so a plugin that sets one of its own
    ends it; what is not seen by line has then no line.
    """

    attribution: Attribution
    before: Callable[[CodeType, int], None]
    after: Callable[[Line], None]
    _files: dict[str, _Whose] = field(default_factory=dict)
    _folders: dict[str, _Whose] = field(default_factory=dict)
    _pending: dict[int, _Pending] = field(default_factory=dict)
    _lines: int = 0
    _torch: int = 0
    _library: int = 0

    def watching(self, action: Callable[[], T]) -> T:
        """Do something while the plugin's lines are watched."""
        self._pending.clear()
        before = sys.gettrace()
        sys.settrace(self._on_call)
        try:
            return action()
        finally:
            sys.settrace(before)

    def _on_call(self, frame: FrameType, event: str, argument: object) -> TraceFunction | None:
        # Comes for each call in the process, a million times while a plugin imports its own.
        try:
            file = frame.f_code.co_filename
            whose = self._files.get(file) or self._whose(file)
            if whose is _Whose.LIBRARY:
                self._library += 1
            elif whose is _Whose.TORCH:
                self._torch += 1
            elif whose is _Whose.PLUGIN and self._lines < _MOST_LINES:
                return self._on_line
        # It would leave the plugin's own call.
        except BaseException:
            pass
        return None

    def _on_line(self, frame: FrameType, event: str, argument: object) -> TraceFunction | None:
        try:
            self._end_line(frame)
            if event == "line" and self._lines < _MOST_LINES:
                self._lines += 1
                self.before(frame.f_code, frame.f_lineno)
                self._pending[id(frame)] = _Pending(frame.f_lineno, self._torch, self._library)
        except BaseException:
            pass
        return self._on_line

    def _end_line(self, frame: FrameType) -> None:
        pending = self._pending.pop(id(frame), None)
        if pending is None:
            return
        code, number = frame.f_code, pending.number
        self.after(
            Line(
                code=code,
                number=number,
                place=lambda: self.attribution.place(code.co_filename, number, code.co_name),
                is_alone=(pending.torch, pending.library) == (self._torch, self._library),
                is_with_torch=pending.library == self._library,
            )
        )

    def _whose(self, file: str) -> _Whose:
        found = self._files[file] = self._found(file)
        return found

    def _found(self, file: str) -> _Whose:
        # Looking for links in thousands of paths takes a second; folders are hundreds.
        folder = os.path.dirname(file)
        if folder in sys.path or not folder:
            return self._looked_up(file)
        known = self._folders.get(folder)
        if known is None:
            known = self._folders[folder] = self._looked_up(file)
        return known

    def _looked_up(self, file: str) -> _Whose:
        if self.attribution.owns_file(file):
            return _Whose.PLUGIN
        if self.attribution.is_machinery(file):
            return _Whose.NOBODY
        return _Whose.TORCH if f"{os.sep}torch{os.sep}" in file else _Whose.LIBRARY
