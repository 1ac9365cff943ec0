"""Renders a check as a comment for a pull request."""

from collections.abc import Iterable
from functools import partial

from jinja2 import Template

from hwcheck.model.check import Check
from hwcheck.model.finding import Finding, Severity
from hwcheck.model.run import Run
from hwcheck.report import check_summary as summary
from hwcheck.report.causes import Cause, causes, places, tree_path
from hwcheck.report.markdown import code, template
from hwcheck.report.shapes import UNICODE
from hwcheck.report.window_rows import window_rows

__all__ = ["render"]

#: Characters of causes in full, and of those that are only named; GitHub refuses comments of more
#: than 65,536.
_ROOM = 40_000
_ROOM_FOR_NAMES = 16_000
#: Places of one kind that are named under one cause.
_MOST_PLACES = 12
#: Skipped files that are named.
_MOST_SKIPPED = 50
_TITLES = {
    Severity.ERROR: "Breaks",
    Severity.WARNING: "Breaks if it is reached or relied on",
    Severity.NOTE: "Worth a look",
}


def render(run: Run) -> str:
    """Render a check as GitHub-flavoured Markdown that fits into one comment."""
    check = summary.check_of(run)
    blocks, rest = _blocks(check)
    named = _named(rest)
    return template("check.md.j2").render(
        shape=UNICODE.broken if summary.exit_code(check) else UNICODE.passed,
        shapes=UNICODE,
        sentence=summary.verdict_sentence(run),
        baseline=summary.baseline_sentence(check),
        looked_at=summary.looked_at(check),
        rows=window_rows(check.window),
        blocks=blocks,
        named=named,
        cut=len(rest) - len(named),
        skipped=check.skipped[:_MOST_SKIPPED],
        path=partial(tree_path, check),
        problems=run.problems,
        left_out=tuple(summary.left_out(check)),
        exit_code=summary.exit_code(check),
        exit_meaning=summary.exit_meaning(check),
    )


def _blocks(check: Check) -> tuple[list[str], list[Cause]]:
    """The causes that there is room for, under their headings, and the others."""
    form = template("check_cause.md.j2")
    found = causes(summary.of_code(summary.listed(check.findings, check), check), check)
    standing = causes(check.standing, check) if check.selection.standing else ()
    parts = [(_TITLES[cause.severity], cause) for cause in found]
    parts += [(f"Also on vLLM {check.baseline.host}, not counted", cause) for cause in standing]
    blocks: list[str] = []
    room, title = _ROOM, ""
    for number, (heading, cause) in enumerate(parts):
        block = _cause(form, cause, check)
        if heading != title:
            block = f"#### {heading}\n\n{block}"
        room -= len(block)
        if room < 0:
            return blocks, [other for _, other in parts[number:]]
        blocks.append(block)
        title = heading
    return blocks, []


def _named(rest: Iterable[Cause]) -> list[str]:
    """A line for each further cause, as long as there is room."""
    lines: list[str] = []
    room = _ROOM_FOR_NAMES
    for cause in rest:
        line = f"{cause.rule} {code(cause.symbol)} ({cause.places})"
        room -= len(line) + 3
        if room < 0:
            break
        lines.append(line)
    return lines


def _cause(form: Template, cause: Cause, check: Check) -> str:
    def placed(findings: Iterable[Finding]) -> list[tuple[str, str]]:
        return [
            (f"{place.path}:{place.lines}", place.told)
            for place in places(findings, check, cause.severity)
        ]

    shape = UNICODE.broken if cause.severity is Severity.ERROR else UNICODE.unknown
    return form.render(cause=cause, shape=shape, places=placed, most=_MOST_PLACES)
