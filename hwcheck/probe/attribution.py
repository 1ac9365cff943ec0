"""Which lines are the plugin's own, and where an exception arose."""

import builtins
import linecache
import os
import sys
import sysconfig
import traceback
from collections.abc import Iterator
from types import FrameType
from typing import Self

from hwcheck.model.observation import Raised
from hwcheck.model.outcome import Place
from hwcheck.probe.ownership import Ownership, ownership_of, ownership_of_host
from hwcheck.probe.plain_text import plain, shown

__all__ = ["Attribution", "Relayed"]

_STANDARD_LIBRARY = tuple(
    os.path.realpath(sysconfig.get_path(name)) + os.sep for name in ("stdlib", "platstdlib")
)
#: All of hwcheck: what examines a plugin is no line of the plugin's either.
_OURS = os.path.dirname(os.path.realpath(os.path.dirname(__file__))) + os.sep
_LONGEST_MESSAGE = 2000
_MOST_FRAMES = 40
#: Exceptions that are looked at in a chain; groups can hold any number.
_MOST_LINKS = 50


class Relayed(Exception):
    """An exception that another process of the plugin's raised and described."""

    def __init__(self, raised: Raised) -> None:
        super().__init__(raised.message)
        self.raised = raised


class Attribution:
    """Knows the files of the distribution under test."""

    def __init__(self, ownership: Ownership) -> None:
        self._ownership = ownership

    @classmethod
    def of_plugin(cls, distribution: str, modules: tuple[str, ...]) -> Self:
        """Know the files of a distribution, or of `modules` where its record does not tell."""
        return cls(ownership_of(distribution, modules))

    @classmethod
    def of_host(cls) -> Self:
        """Know the files of vLLM itself, for a control."""
        return cls(ownership_of_host())

    @property
    def tops(self) -> tuple[str, ...]:
        """The packages and modules that the distribution installs."""
        return self._ownership.names

    def owns_file(self, file: str) -> bool:
        """Whether a source file is the plugin's."""
        return self._ownership.owns_file(file)

    def owns_module(self, name: str) -> bool:
        """Whether a module is the plugin's."""
        return self._ownership.owns_module(name)

    def place(
        self, file: str, line: int | None, function: str | None, text: str | None = None
    ) -> Place:
        """Name a line, relative to the import path."""
        number = line or 0
        shown = text if text is not None else linecache.getline(file, number)
        return Place(
            file=_relative(file), line=number, function=function, text=shown.strip()[:200] or None
        )

    def is_machinery(self, file: str) -> bool:
        """Whether a file is the standard library's or ours, which act for whoever calls them."""
        return _is_machinery(file)

    def nearest(self, frame: FrameType | None) -> Place | None:
        """The line that acts, if it is the plugin's: the nearest outside the standard library."""
        while frame is not None:
            file = frame.f_code.co_filename
            if not _is_machinery(file):
                if not self.owns_file(file):
                    return None
                return self.place(file, frame.f_lineno, frame.f_code.co_name)
            frame = frame.f_back
        return None

    def any_plugin_frame(self, frame: FrameType | None) -> Place | None:
        """The innermost line of the plugin on the stack, whatever it called."""
        while frame is not None:
            if self.owns_file(frame.f_code.co_filename):
                return self.place(frame.f_code.co_filename, frame.f_lineno, frame.f_code.co_name)
            frame = frame.f_back
        return None

    def raised(self, error: BaseException) -> Raised:
        """Describe an exception, with the plugin's own line in it or in what it was raised from.

        Never raises, whatever the exception does when it is asked about itself.
        """
        if type(error) is Relayed:
            return error.raised
        name = type.__dict__["__name__"].__get__(type(error))
        message = shown(error, _LONGEST_MESSAGE, quoted=False)
        try:
            return self._traced(error, name, message)
        except Exception:
            return Raised(type=name, message=message)

    def _traced(self, error: BaseException, name: str, message: str) -> Raised:
        chain = list(_chain(error))
        frames = _frames(error)
        own = next(filter(None, map(self._own_place, chain)), None)
        place = own
        if place is None and isinstance(error, SyntaxError) and error.filename:
            place = self._syntax_place(error)
        if place is None and frames:
            place = self._frame_place(frames[-1])
        missing = [plain(link.name) for link in chain if isinstance(link, ModuleNotFoundError)]
        return Raised(
            type=name,
            message=message,
            missing=next((item[:_LONGEST_MESSAGE] for item in missing if item), None),
            place=place,
            in_plugin=own is not None,
            trace=tuple(
                f"{_relative(summary.filename)}:{summary.lineno} in {summary.name}"
                for summary in frames[-_MOST_FRAMES:]
            ),
        )

    def _own_place(self, error: BaseException) -> Place | None:
        # A file that cannot be compiled has no frame, only the line that imports it has.
        if isinstance(error, SyntaxError) and error.filename and self.owns_file(error.filename):
            return self._syntax_place(error)
        frames = _frames(error)
        own = [
            summary
            for summary in frames
            if self.owns_file(summary.filename)
            and not _passes_on_import(error, summary, is_innermost=summary is frames[-1])
        ]
        return self._frame_place(own[-1]) if own else None

    def _frame_place(self, summary: traceback.FrameSummary) -> Place:
        return self.place(summary.filename, summary.lineno, summary.name, summary.line or "")

    def _syntax_place(self, error: SyntaxError) -> Place:
        return self.place(str(error.filename), error.lineno, None)


def _chain(error: BaseException) -> Iterator[BaseException]:
    """Yield an exception, the members of a group, then what it was raised from."""
    seen: set[int] = set()
    waiting: list[BaseException | None] = [error]
    while waiting and len(seen) < _MOST_LINKS:
        link = waiting.pop(0)
        if link is None or id(link) in seen:
            continue
        seen.add(id(link))
        yield link
        if isinstance(link, BaseExceptionGroup):
            waiting.extend(link.exceptions)
        waiting.append(link.__cause__)
        if not link.__suppress_context__:
            waiting.append(link.__context__)


def _frames(error: BaseException) -> list[traceback.FrameSummary]:
    # The newest alone: a recursion has as many frames as the interpreter allows.
    summaries = traceback.extract_tb(error.__traceback__, limit=-_MOST_FRAMES * 5)
    return [summary for summary in summaries if not _is_ours(summary.filename)]


def _passes_on_import(
    error: BaseException, summary: traceback.FrameSummary, *, is_innermost: bool
) -> bool:
    """Whether a frame is of what took the place of ``__import__``, and hands on what was asked.

    It stands behind every import of the process, whosever it is. An `ImportError` has lost the
    frames of the import system behind it.
    """
    code = getattr(builtins.__import__, "__code__", None)
    if code is None or (summary.filename, summary.name) != (code.co_filename, code.co_name):
        return False
    return isinstance(error, ImportError) or not is_innermost


def _is_machinery(file: str) -> bool:
    if file.startswith("<"):
        return True
    real = os.path.realpath(file)
    inside_library = real.startswith(_STANDARD_LIBRARY) and "site-packages" not in real
    return inside_library or _is_ours(real)


def _is_ours(file: str) -> bool:
    return os.path.realpath(file).startswith(_OURS)


def _relative(file: str) -> str:
    candidates = [
        os.path.relpath(file, entry)
        for entry in sys.path
        if entry and file.startswith(entry.rstrip(os.sep) + os.sep)
    ]
    return min(candidates, key=len) if candidates else file
