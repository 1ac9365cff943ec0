"""Which lines are the plugin's own, and where an exception arose."""

import linecache
import os
import sys
import sysconfig
import traceback
from importlib import metadata
from importlib.machinery import PathFinder
from types import FrameType

from hwcheck.model.observation import Raised
from hwcheck.model.outcome import Place

__all__ = ["Attribution"]

_STANDARD_LIBRARY = tuple(
    os.path.realpath(sysconfig.get_path(name)) + os.sep for name in ("stdlib", "platstdlib")
)
_LONGEST_MESSAGE = 2000


class Attribution:
    """Knows the folders of the distribution under test."""

    def __init__(self, distribution: str, modules: tuple[str, ...]) -> None:
        self._tops = tuple(sorted(_top_levels(distribution, modules)))
        self._roots = tuple(sorted(_roots_of(self._tops)))

    @property
    def tops(self) -> tuple[str, ...]:
        """The top-level names that the distribution installs."""
        return self._tops

    def owns_file(self, file: str) -> bool:
        """Whether a source file is the plugin's."""
        return os.path.realpath(file).startswith(self._roots) if self._roots else False

    def owns_module(self, name: str) -> bool:
        """Whether a module is the plugin's."""
        return name.partition(".")[0] in self._tops

    def place(
        self, file: str, line: int | None, function: str | None, text: str | None = None
    ) -> Place:
        """Name a line, relative to the import path."""
        number = line or 0
        shown = text if text is not None else linecache.getline(file, number)
        return Place(
            file=_relative(file), line=number, function=function, text=shown.strip()[:200] or None
        )

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
        """Describe an exception by its root cause's type and message and the plugin's own line."""
        frames = [
            summary
            for summary in traceback.extract_tb(error.__traceback__)
            if not _is_ours(summary.filename)
        ]
        own = [summary for summary in frames if self.owns_file(summary.filename)]
        shown = own[-1] if own else (frames[-1] if frames else None)
        place = (
            self.place(shown.filename, shown.lineno, shown.name, shown.line or "")
            if shown is not None
            else _syntax_place(self, error)
        )
        return Raised(
            type=type(error).__name__,
            message=_message(error),
            missing=error.name if isinstance(error, ModuleNotFoundError) else None,
            place=place,
            in_plugin=bool(own),
            trace=tuple(
                f"{_relative(summary.filename)}:{summary.lineno} in {summary.name}"
                for summary in frames[-40:]
            ),
        )


def _message(error: BaseException) -> str:
    try:
        text = str(error)
    except Exception:
        return "(its own text cannot be made)"
    return text if len(text) <= _LONGEST_MESSAGE else text[:_LONGEST_MESSAGE] + " ..."


def _syntax_place(attribution: Attribution, error: BaseException) -> Place | None:
    if isinstance(error, SyntaxError) and error.filename:
        return attribution.place(error.filename, error.lineno, None)
    return None


def _is_machinery(file: str) -> bool:
    if file.startswith("<"):
        return True
    real = os.path.realpath(file)
    inside_library = real.startswith(_STANDARD_LIBRARY) and "site-packages" not in real
    return inside_library or _is_ours(real)


def _is_ours(file: str) -> bool:
    return f"{os.sep}hwcheck{os.sep}probe{os.sep}" in file


def _relative(file: str) -> str:
    candidates = [
        os.path.relpath(file, entry)
        for entry in sys.path
        if entry and file.startswith(entry.rstrip(os.sep) + os.sep)
    ]
    return min(candidates, key=len) if candidates else file


def _top_levels(distribution: str, modules: tuple[str, ...]) -> set[str]:
    tops = {module.partition(".")[0] for module in modules if module}
    try:
        files = metadata.distribution(distribution).files or []
    except metadata.PackageNotFoundError:
        return tops
    for file in files:
        first = file.parts[0]
        if len(file.parts) == 1 and first.endswith(".py"):
            tops.add(first[:-3])
        elif len(file.parts) > 1 and first.isidentifier():
            tops.add(first)
    return tops - {"vllm", "torch", "tests", "tools", "docs"}


def _roots_of(tops: tuple[str, ...]) -> set[str]:
    roots = set()
    for top in tops:
        spec = PathFinder.find_spec(top)
        if spec is None:
            spec = _editable_spec(top)
        if spec is None:
            continue
        for folder in spec.submodule_search_locations or ():
            roots.add(os.path.realpath(folder) + os.sep)
        if spec.origin and not spec.submodule_search_locations:
            roots.add(os.path.realpath(spec.origin))
    return roots


def _editable_spec(top: str):  # type: ignore[no-untyped-def]
    for finder in sys.meta_path:
        find = getattr(finder, "find_spec", None)
        try:
            spec = find(top, None, None) if find else None
        except Exception:
            continue
        if spec is not None:
            return spec
    return None
