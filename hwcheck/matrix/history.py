"""The history of cells: plain files, one line for a change, to which lines are only added."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path

from hwcheck.codec import decode_line, encode_line
from hwcheck.errors import CodecError, UsageError
from hwcheck.model.matrix import Matrix, MatrixRun
from hwcheck.model.matrix_cells import CellChange, CellState
from hwcheck.report.matrix_file import MatrixFile
from hwcheck.report.matrix_file_names import file_name

__all__ = ["HISTORY", "changes_to", "history_files", "read_history"]

#: The folder in a matrix's folder; one file a plugin.
HISTORY = "history"

Place = tuple[str, str, str, str]


def read_history(folder: Path) -> tuple[CellChange, ...]:
    """Read all that was kept, in the order in which it was written.

    Raises UsageError: a file cannot be read.
    """
    changes: list[CellChange] = []
    for path in sorted((folder / HISTORY).glob("*.jsonl")):
        shown = f"{HISTORY}/{path.name}"
        try:
            lines = path.read_text(encoding="utf-8").splitlines()
            changes += [
                decode_line(line, CellChange, f"{shown}, line {number}")
                for number, line in enumerate(lines, start=1)
                if line.strip()
            ]
        except (OSError, UnicodeDecodeError, CodecError) as error:
            raise UsageError(
                f"the history of the matrix cannot be continued: {error}"
                f"\n  restore {shown!r}, or take it away to begin a new history"
            ) from error
    return tuple(changes)


def changes_to(matrix: Matrix, before: Sequence[CellChange]) -> tuple[CellChange, ...]:
    """Compare the cells of a matrix with the last that is known of each.

    A cell that is gone has become unknown. Dates are those of the evidence.
    """
    last: dict[Place, CellChange] = {_place(change): change for change in before}
    new = {_place(change): change for change in _present(matrix)}
    gone = (
        CellChange(
            date=matrix.made,
            plugin=change.plugin,
            version=change.version,
            host=change.host,
            capability=change.capability,
            state=CellState.UNKNOWN,
            before=change.state,
        )
        for place, change in last.items()
        if place not in new and change.state != CellState.UNKNOWN
    )
    changed = (
        replace(change, before=last[place].state if place in last else None)
        for place, change in new.items()
        if place not in last or _differ(change, last[place])
    )
    return tuple(sorted((*gone, *changed), key=lambda item: (item.date, _place(item))))


def history_files(changes: Iterable[CellChange]) -> Iterator[MatrixFile]:
    """Make a file of each plugin's changes."""
    lines: dict[str, list[str]] = {}
    for change in changes:
        lines.setdefault(change.plugin, []).append(f"{encode_line(change)}\n")
    for plugin in sorted(lines):
        yield MatrixFile(path=f"{HISTORY}/{file_name(plugin)}.jsonl", text="".join(lines[plugin]))


def _present(matrix: Matrix) -> Iterator[CellChange]:
    runs: dict[str, MatrixRun] = {run.id: run for run in matrix.runs}
    for check in matrix.checks:
        yield CellChange(
            date=matrix.made,
            plugin=check.plugin,
            version=check.version,
            host=check.host,
            capability="",
            state=check.state,
            before=None,
        )
    for cell in matrix.cells:
        run = runs.get(cell.run or "")
        yield CellChange(
            date=run.started if run is not None else matrix.made,
            plugin=cell.plugin,
            version=cell.version,
            host=cell.host,
            capability=cell.capability,
            state=cell.state,
            before=None,
            rung=cell.rung,
            run=cell.run,
        )


def _differ(one: CellChange, other: CellChange) -> bool:
    return (one.state, one.rung) != (other.state, other.rung)


def _place(change: CellChange) -> Place:
    return (change.plugin, change.version, change.host, change.capability)
