"""What a run shows while it goes on, and what it leaves when it has ended."""

import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Self

from rich.console import Console

from hwcheck.cli.report import show
from hwcheck.model.record import RecordLine
from hwcheck.model.run import Run
from hwcheck.observe.target import Target
from hwcheck.registry import Registry
from hwcheck.report.output import write_text
from hwcheck.report.progress import Progress
from hwcheck.report.rendering import render

__all__ = ["Narrator", "write_reports"]


class Narrator:
    """Tells on standard error how far a run has come."""

    def __init__(self) -> None:
        self._progress = Progress(Console(stderr=True))

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exception: object) -> None:
        self._progress.stop()

    def begin(self, target: Target) -> None:
        """Say what was found, before anything is started."""
        plugin, host = target.plugin, target.host
        self._progress.say(
            f"{plugin.name} {plugin.version} under {host.distribution} {host.version}"
        )

    def follow(self, line: RecordLine) -> None:
        """Show one line of the record."""
        if line.heading is not None:
            self._progress.start(line.heading.cases)
        if line.outcome is not None:
            self._progress.advance(line.outcome)


def write_reports(
    run: Run, registry: Registry, form: str, files: Mapping[str, Path]
) -> None:
    """Write the files, say where they are, and print the form that was asked for.

    Raises ReportError: a file cannot be written; the others are.
    """
    reporters = {reporter.name: reporter for reporter in registry.reporters()}
    failure: Exception | None = None
    for name, path in files.items():
        try:
            write_text(path, render(reporters[name], run))
        except Exception as error:
            failure = failure or error
    show(run, reporters[form])
    if failure is not None:
        raise failure
    for path in files.values():
        sys.stderr.write(f"wrote {path}\n")
