"""Builds the folder of a matrix: folds plugins and runs, and writes what is published."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import hwcheck
from hwcheck.analyse.request import Progress
from hwcheck.matrix.assemble import Row, assemble
from hwcheck.matrix.attempts import read_attempts
from hwcheck.matrix.documents import RUNS, StoredRun, read_runs
from hwcheck.matrix.history import changes_to, history_files, read_history
from hwcheck.matrix.rows import Surveyor, make_rows
from hwcheck.matrix.specification import Specification
from hwcheck.matrix.writers import files_of
from hwcheck.model.capability import Capability
from hwcheck.model.host_names import normalise
from hwcheck.model.matrix import Matrix, MatrixProblem
from hwcheck.model.matrix_attempt import Attempt
from hwcheck.model.matrix_static import StaticState
from hwcheck.report.matrix_file import MatrixFile
from hwcheck.report.output import make_folder, write_text

__all__ = ["BuildSettings", "Built", "build", "write"]


@dataclass(frozen=True, slots=True, kw_only=True)
class BuildSettings:
    """What a matrix is built with."""

    specification: Specification
    output: Path
    """The folder; runs and history that it holds already become a part of the matrix."""
    date: str | None = None
    """Told in place of the date of the newest evidence."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Built:
    """A matrix, and what it leaves beside its own files."""

    matrix: Matrix
    runs: tuple[StoredRun, ...]
    files: tuple[MatrixFile, ...]
    """All that is to be written, the matrix's own document last."""
    unread: int = 0
    """How many plugins and documents could not be read."""


def build(
    settings: BuildSettings,
    look: Surveyor,
    *,
    capabilities: Sequence[Capability],
    problems: Sequence[MatrixProblem] = (),
    progress: Progress,
) -> Built:
    """Make a matrix and its files; nothing is written.

    A plugin or document that cannot be read becomes a problem of the matrix, as those are that were
    found before.

    Raises UsageError: the history of the folder cannot be continued. CodecError: its attempts.
    """
    specification = settings.specification
    before = read_history(settings.output)
    runs, unread = _runs(settings)
    problems = (*problems, *unread)
    rows, troubles = make_rows(specification, look, progress)
    matrix = assemble(
        specification,
        rows,
        runs,
        capabilities=capabilities,
        problems={*problems, *troubles},
        hwcheck=hwcheck.__version__,
        date=settings.date,
    )
    matrix = replace(matrix, attempts=_attempts(settings.output, rows))
    history = (*before, *changes_to(matrix, before))
    # The first state of a static cell is no change; the cell itself tells it.
    told = tuple(item for item in history if item.capability or item.before is not None)
    matrix = replace(matrix, history=told)
    kept = (MatrixFile(path=f"{RUNS}/{item.id}.json", text=item.data.decode()) for item in runs)
    unreadable = {
        (check.plugin, check.version)
        for check in matrix.checks
        if check.state is StaticState.UNREADABLE
    }
    return Built(
        matrix=matrix,
        runs=runs,
        unread=len(problems) + len(unreadable),
        files=(*kept, *history_files(history), *reversed(files_of(matrix))),
    )


def write(built: Built, folder: Path) -> Iterator[str]:
    """Write all files of a matrix, each whole or not at all, and name those that changed.

    Raises ReportError: a file cannot be written.
    """
    for file in built.files:
        place = folder / file.path
        make_folder(place.parent)
        if not (place.is_file() and place.read_bytes() == _bytes(file)):
            write_text(place, file.text, what="a file of the matrix")
            yield file.path


def _attempts(folder: Path, rows: Sequence[Row]) -> tuple[Attempt, ...]:
    """The attempts that are told beside the folder's runs, by the rows' names."""
    names = {name: row.name for row in rows for name in row.distributions}
    return tuple(
        replace(attempt, plugin=names.get(normalise(attempt.plugin), attempt.plugin))
        for attempt in read_attempts(folder)
    )


def _bytes(file: MatrixFile) -> bytes:
    return file.text.encode("utf-8", "backslashreplace")


def _runs(settings: BuildSettings) -> tuple[tuple[StoredRun, ...], tuple[MatrixProblem, ...]]:
    """The runs of the folder and those that the specification names, each once."""
    specification = settings.specification
    found, problems = read_runs(specification.runs, specification.folder)
    if (settings.output / RUNS).is_dir():
        kept, troubles = read_runs((RUNS,), settings.output)
        found = tuple({item.id: item for item in (*found, *kept)}.values())
        problems = (*problems, *troubles)
    return tuple(sorted(found, key=lambda item: item.id)), problems
