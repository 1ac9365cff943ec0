"""Renders what changed between two documents, as text and as Markdown, whatever they are of."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Protocol

from hwcheck.model.run_difference import Trend
from hwcheck.report.escaping import visible
from hwcheck.report.markdown import words

__all__ = ["Frame", "Line", "Section", "exit_code", "render_markdown", "render_text"]

_WHY_LIMIT = 200


class Judged(Protocol):
    """A difference of which some part may have got worse."""

    @property
    def is_partial(self) -> bool:
        """The two could not be held against each other whole."""
        ...

    def of_trend(self, trend: Trend) -> tuple[object, ...]:
        """Give the changes of one direction."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One change."""

    text: str
    cells: tuple[str, ...]
    """Of its row in Markdown, ready to be put there, without the reason."""
    why: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Section:
    """Changes of one kind."""

    title: str
    count: int
    lines: tuple[Line, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Frame:
    """All that is told of a difference, in its order."""

    old: tuple[str, str]
    """Where it is from, and what it is."""
    new: tuple[str, str]
    remarks: tuple[str, ...]
    head: str
    """Of the tables in Markdown; the reason comes last."""
    sections: tuple[Section, ...]
    sentence: str


def exit_code(difference: Judged) -> int:
    """1 when something got worse, 3 when the two cannot be held against each other whole."""
    if difference.of_trend(Trend.WORSE):
        return 1
    return 3 if difference.is_partial else 0


def render_text(frame: Frame) -> str:
    """Render as plain text, one change a line, with what was found below it."""
    return "".join(f"{line}\n" for line in _text_lines(frame))


def render_markdown(frame: Frame) -> str:
    """Render as Markdown for a pull request, one table a section."""
    return "".join(f"{line}\n" for line in _markdown_lines(frame))


def _text_lines(frame: Frame) -> Iterator[str]:
    for name, (source, what) in (("old", frame.old), ("new", frame.new)):
        yield visible(f"{name}  {source}: {what}")
    yield from (visible(f"     {remark}") for remark in frame.remarks)
    for section in frame.sections:
        yield from ("", f"{section.title} ({section.count})")
        for line in section.lines:
            yield visible(f"  {line.text}")
            if line.why:
                yield f"    {visible(line.why, _WHY_LIMIT)}"
    yield ""
    yield frame.sentence


def _markdown_lines(frame: Frame) -> Iterator[str]:
    yield f"**{words(frame.sentence)}**"
    yield ""
    for name, (_, what) in (("old", frame.old), ("new", frame.new)):
        yield f"- {name}: {words(what)}"
    yield from (f"- {words(visible(remark))}" for remark in frame.remarks)
    for section in frame.sections:
        yield from ("", f"## {section.title.capitalize()} ({section.count})", "")
        yield from (frame.head, "|---" * (frame.head.count("|") - 1) + "|")
        for line in section.lines:
            yield f"| {' | '.join((*line.cells, words(visible(line.why, _WHY_LIMIT))))} |"
