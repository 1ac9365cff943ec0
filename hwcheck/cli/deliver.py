"""What commands that make a run leave: files, and one form on standard output."""

import sys
import tempfile
from collections.abc import Mapping
from pathlib import Path

from hwcheck.cli.report import show
from hwcheck.errors import ReportError
from hwcheck.model.run import Run
from hwcheck.registry import Registry
from hwcheck.report.output import write_text
from hwcheck.report.rendering import render

__all__ = ["check_writable", "deliver"]


def deliver(run: Run, registry: Registry, form: str, files: Mapping[str, Path]) -> None:
    """Write the files by reporter, say where they are, and print the form that was asked for.

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


def check_writable(folder: Path | None, what: str, option: str) -> None:
    """Refuse an unwritable folder before the work, not after it.

    Raises ReportError: it cannot be made or written.
    """
    if folder is None:
        return
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=folder):
            pass
    except OSError as error:
        raise ReportError(
            f"cannot write {what} into {str(folder)!r}: {error.strerror}\n"
            f"  name a folder that can be written with {option}"
        ) from None
