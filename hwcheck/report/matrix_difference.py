"""Renders what changed between two matrices, as text and as Markdown."""

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from itertools import groupby

from hwcheck.model.matrix_difference import CellMove, MatrixDifference, MatrixSide, StaleCell
from hwcheck.model.run_difference import Trend
from hwcheck.report.escaping import visible
from hwcheck.report.markdown import code_cell, words

__all__ = ["exit_code", "render_markdown", "render_text", "sentence"]

_WHY_LIMIT = 200
#: So many hosts of a row are named one by one.
_HOSTS_NAMED = 4
_STATIC = "source"


@dataclass(frozen=True, slots=True, kw_only=True)
class _Row:
    """Cells in a row of hosts that moved in the same way."""

    subject: str
    capability: str
    hosts: tuple[str, ...]
    move: str
    why: str


def exit_code(difference: MatrixDifference) -> int:
    """1 when a cell got worse, 3 when the matrices cannot be held against each other whole."""
    if difference.of_trend(Trend.WORSE):
        return 1
    return 3 if difference.is_partial else 0


def sentence(difference: MatrixDifference) -> str:
    """Count the cells of each direction."""
    counted = [f"{len(difference.of_trend(trend))} {trend}" for trend in Trend]
    return f"{', '.join(counted)}, {len(difference.stale)} stale, {difference.unchanged} unchanged"


def render_text(difference: MatrixDifference) -> str:
    """Render as plain text, one line for the hosts on which the same happened."""
    return "".join(f"{line}\n" for line in _text_lines(difference))


def render_markdown(difference: MatrixDifference) -> str:
    """Render as Markdown for a pull request."""
    return "".join(f"{line}\n" for line in _markdown_lines(difference))


def _text_lines(difference: MatrixDifference) -> Iterator[str]:
    for name, side in (("old", difference.old), ("new", difference.new)):
        yield visible(f"{name}  {side.source}: {_size(side)}")
    yield from (visible(f"     {remark}") for remark in difference.remarks)
    for title, count, rows in _sections(difference):
        yield from ("", f"{title} ({count})")
        for row in rows:
            yield visible(f"  {row.subject}, {row.capability}, {_hosts(row)}: {row.move}")
            if row.why:
                yield f"    {visible(row.why, _WHY_LIMIT)}"
    yield ""
    yield sentence(difference)


def _markdown_lines(difference: MatrixDifference) -> Iterator[str]:
    yield f"**{words(sentence(difference))}**"
    yield ""
    for name, side in (("old", difference.old), ("new", difference.new)):
        yield f"- {name}: {words(_size(side))}"
    yield from (f"- {words(visible(remark))}" for remark in difference.remarks)
    for title, count, rows in _sections(difference):
        yield from ("", f"## {title.capitalize()} ({count})", "")
        yield from ("| plugin | what | hosts | change | why |", "|---|---|---|---|---|")
        for row in rows:
            yield (
                f"| {code_cell(row.subject)} | {code_cell(row.capability)} | {words(_hosts(row))} "
                f"| {words(row.move)} | {words(visible(row.why, _WHY_LIMIT))} |"
            )


def _sections(difference: MatrixDifference) -> Iterator[tuple[str, int, tuple[_Row, ...]]]:
    for trend in Trend:
        changes = difference.of_trend(trend)
        if changes:
            yield trend, len(changes), tuple(_rows(map(_row, changes)))
    if difference.stale:
        yield "stale", len(difference.stale), tuple(_stale_rows(difference.stale))


def _stale_rows(cells: Iterable[StaleCell]) -> Iterator[_Row]:
    """One row for what a run says: all of its cells age together."""
    counted = Counter((item.plugin, item.version, item.host, item.why) for item in cells)
    for (plugin, version, host, why), count in counted.items():
        yield _Row(
            subject=f"{plugin} {version}",
            capability="capabilities",
            hosts=(host,),
            move=f"{count} of them",
            why=why,
        )


def _row(change: CellMove) -> _Row:
    subject = f"{change.plugin} {change.version}"
    if change.version_before != change.version:
        subject += f" (was {change.version_before})"
    return _Row(
        subject=subject,
        capability=change.capability or _STATIC,
        hosts=(change.host,),
        move=" -> ".join(item for item in (change.before, change.after) if item is not None),
        why=change.why,
    )


def _rows(rows: Iterable[_Row]) -> Iterator[_Row]:
    """Put together what happened to the same capability on hosts that follow each other."""
    for _, group in groupby(rows, key=_said):
        first, *others = group
        yield replace(first, hosts=(*first.hosts, *(host for row in others for host in row.hosts)))


def _said(row: _Row) -> tuple[str, str, str, str]:
    return (row.subject, row.capability, row.move, row.why)


def _hosts(row: _Row) -> str:
    if len(row.hosts) <= _HOSTS_NAMED:
        return f"vLLM {', '.join(row.hosts)}"
    return f"vLLM {row.hosts[0]} to {row.hosts[-1]} ({len(row.hosts)} releases)"


def _size(side: MatrixSide) -> str:
    return (
        f"{side.title}, {side.made or 'no date'}, {side.plugins} plugins x {side.hosts} hosts, "
        f"{side.checks} static cells, {side.cells} capability cells (hwcheck {side.hwcheck})"
    )
