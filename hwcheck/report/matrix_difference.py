"""Says what changed between two matrices."""

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from itertools import groupby

from hwcheck.model.matrix_difference import CellMove, MatrixDifference, MatrixSide, StaleCell
from hwcheck.model.run_difference import Trend
from hwcheck.report.difference import Frame, Line, Section
from hwcheck.report.markdown import code_cell, words

__all__ = ["frame_of"]

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


def _sentence(difference: MatrixDifference) -> str:
    """Count the cells of each direction."""
    counted = [f"{len(difference.of_trend(trend))} {trend}" for trend in Trend]
    return f"{', '.join(counted)}, {len(difference.stale)} stale, {difference.unchanged} unchanged"


def frame_of(difference: MatrixDifference) -> Frame:
    """Put into words what is told, one line for the hosts on which the same happened."""
    return Frame(
        old=(difference.old.source, _size(difference.old)),
        new=(difference.new.source, _size(difference.new)),
        remarks=difference.remarks,
        head="| plugin | what | hosts | change | why |",
        sections=tuple(
            Section(title=title, count=count, lines=tuple(map(_line, rows)))
            for title, count, rows in _sections(difference)
        ),
        sentence=_sentence(difference),
    )


def _line(row: _Row) -> Line:
    hosts = _hosts(row)
    return Line(
        text=f"{row.subject}, {row.capability}, {hosts}: {row.move}",
        cells=(code_cell(row.subject), code_cell(row.capability), words(hosts), words(row.move)),
        why=row.why,
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
