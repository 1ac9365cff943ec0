"""Renders what changed between two runs, as text and as Markdown."""

from collections.abc import Iterator

from hwcheck.model.run_difference import RunChange, RunDifference, RunSide, Trend
from hwcheck.report.escaping import visible
from hwcheck.report.markdown import code_cell, words

__all__ = ["exit_code", "render_markdown", "render_text", "sentence"]

_WHY_LIMIT = 200


def exit_code(difference: RunDifference) -> int:
    """1 when something got worse, 3 when the runs cannot be held against each other whole."""
    if difference.of_trend(Trend.WORSE):
        return 1
    return 3 if difference.is_partial else 0


def sentence(difference: RunDifference) -> str:
    """Count the changes of each direction."""
    counted = [f"{len(difference.of_trend(trend))} {trend}" for trend in Trend]
    return f"{', '.join(counted)}, {difference.unchanged} unchanged"


def render_text(difference: RunDifference) -> str:
    """Render as plain text, one change a line, with what was found below it."""
    return "".join(f"{line}\n" for line in _text_lines(difference))


def render_markdown(difference: RunDifference) -> str:
    """Render as GitHub-flavoured Markdown, one table a direction."""
    return "".join(f"{line}\n" for line in _markdown_lines(difference))


def _text_lines(difference: RunDifference) -> Iterator[str]:
    for name, side in (("old", difference.old), ("new", difference.new)):
        yield visible(f"{name}  {side.source}: {_measured(side)}")
    yield from (visible(f"     {remark}") for remark in difference.remarks)
    for trend in Trend:
        changes = difference.of_trend(trend)
        if changes:
            yield ""
            yield f"{trend} ({len(changes)})"
        for change in changes:
            yield visible(f"  {change.subject} {change.id}: {_move(change)}")
            if change.why:
                yield f"    {visible(change.why, _WHY_LIMIT)}"
    yield ""
    yield sentence(difference)


def _markdown_lines(difference: RunDifference) -> Iterator[str]:
    yield f"**{words(sentence(difference))}**"
    yield ""
    for name, side in (("old", difference.old), ("new", difference.new)):
        yield f"- {name}: {words(_measured(side))}"
    yield from (f"- {words(remark)}" for remark in difference.remarks)
    for trend in Trend:
        changes = difference.of_trend(trend)
        if not changes:
            continue
        yield from ("", f"## {str(trend).capitalize()} ({len(changes)})", "")
        yield from ("| what | | before | after | why |", "|---|---|---|---|---|")
        for change in changes:
            why = words(visible(change.why, _WHY_LIMIT))
            yield (
                f"| {change.subject} | {code_cell(change.id)} | {words(change.before or '-')} "
                f"| {words(change.after or '-')} | {why} |"
            )


def _measured(side: RunSide) -> str:
    return f"{side.verdict} ({side.environment})"


def _move(change: RunChange) -> str:
    if change.before is None or change.after is None:
        return change.before or change.after or ""
    return f"{change.before} -> {change.after}"
