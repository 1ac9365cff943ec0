"""What ``hwcheck matrix`` shows meanwhile, and what it leaves."""

import os
import sys
from collections import Counter
from pathlib import Path

from hwcheck.api import Stage, build_matrix
from hwcheck.cli.cache_folder import cache_folder
from hwcheck.cli.deliver import check_writable
from hwcheck.cli.matrix_settings import BuildOptions
from hwcheck.hosts.known import known_releases
from hwcheck.matrix.build import BuildSettings, Built, write
from hwcheck.matrix.documents import RUNS, add_runs
from hwcheck.matrix.plan import make_plan
from hwcheck.matrix.specification import read_specification
from hwcheck.model.matrix import MatrixProblem
from hwcheck.registry import Registry
from hwcheck.report.escaping import visible

__all__ = ["add", "carry_out", "show_plan"]


def carry_out(options: BuildOptions, registry: Registry) -> int:
    """Build the matrix, write it and return the exit code: 3 when not all could be read.

    Raises HwcheckError: the specification is wrong, or the folder cannot be written.
    """
    specification = read_specification(options.specification, known_releases())
    check_writable(options.output, "the matrix", "--output")
    settings = BuildSettings(
        specification=specification,
        output=options.output,
        date=options.date,
    )
    built = build_matrix(
        settings,
        registry,
        cache=cache_folder() if options.cache else None,
        processes=options.jobs,
        environment=os.environ,
        progress=_tell_stage,
    )
    changed = tuple(write(built, options.output))
    _tell_problems(built.matrix.problems)
    sys.stderr.write(f"{_summary(built)}\n")
    sys.stderr.write(
        f"wrote {options.output}: {_counted(len(built.files), 'file')},"
        f" {len(changed)} of them new or changed\n"
    )
    return 3 if built.unread else 0


def add(words: tuple[str, ...], folder: Path) -> int:
    """Put runs into a matrix's folder and return the exit code: 3 when only a part could be.

    Raises ReportError: the folder cannot be written.
    """
    check_writable(folder / RUNS, "runs", "--to")
    added = add_runs(words, folder, seen_from=Path())
    _tell_problems(added.problems)
    sys.stderr.write(
        f"{_counted(len(added.new), 'run')} added to {folder / RUNS},"
        f" {len(added.known)} there already, {len(added.problems)} refused\n"
    )
    if not added.problems:
        return 0
    return 3 if added.new or added.known else 2


def show_plan(path: Path) -> int:
    """Print what a specification leads to.

    Raises UsageError: the specification is wrong.
    """
    specification = read_specification(path, known_releases())
    for line in make_plan(specification):
        sys.stdout.write(f"{visible(line)}\n")
    return 0


def _summary(built: Built) -> str:
    matrix = built.matrix
    states = Counter(check.state.value for check in matrix.checks)
    told = ", ".join(f"{states[state]} {state}" for state in sorted(states)) or "none"
    releases = sum(len(plugin.releases) for plugin in matrix.plugins)
    return (
        f"{_counted(len(matrix.plugins), 'plugin')} in {_counted(releases, 'release')}"
        f" x {_counted(len(matrix.hosts), 'host')}: static cells {told};"
        f" {_counted(len(matrix.cells), 'capability cell')}"
        f" of {_counted(len(matrix.runs), 'run')};"
        f" {_counted(len(matrix.problems), 'problem')}"
    )


def _tell_problems(problems: tuple[MatrixProblem, ...]) -> None:
    for problem in problems:
        detail = visible(problem.detail)
        shown = detail if problem.subject in problem.detail else f"{problem.subject!r} {detail}"
        sys.stderr.write(f"hwcheck: {visible(shown)}\n")
        if problem.remedy:
            sys.stderr.write(f"  {visible(problem.remedy)}\n")


def _counted(count: int, what: str) -> str:
    return f"{count} {what}" if count == 1 else f"{count} {what}s"


def _tell_stage(stage: Stage) -> None:
    """Tell which release comes next; a log shows it as well as a terminal."""
    if stage.name == "matrix":
        sys.stderr.write(f"[{stage.done + 1}/{stage.total}] {visible(stage.subject)}\n")
        sys.stderr.flush()
