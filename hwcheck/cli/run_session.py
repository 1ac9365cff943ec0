"""A conformance run from the command line: what it shows meanwhile, and what it leaves."""

import os
import platform
import signal
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Self

from rich.console import Console

import hwcheck
from hwcheck.api import RunSettings, conformance_run
from hwcheck.cli.deliver import check_writable, deliver
from hwcheck.cli.run_settings import Settings
from hwcheck.model.record import RecordLine
from hwcheck.model.run import Environment, Run
from hwcheck.observe.target import Target
from hwcheck.registry import Registry
from hwcheck.report.pairs import pair_lines
from hwcheck.report.progress import Progress
from hwcheck.report.summary import exit_code

__all__ = ["carry_out"]

_FILES = {"json": "run.json", "junit": "junit.xml", "markdown": "report.md"}


def carry_out(settings: Settings, registry: Registry) -> int:
    """Run, write the reports and return the exit code.

    Raises HwcheckError: the run could not be started, or a report not be written.
    """
    check_writable(settings.output, "reports", "--output")
    check_writable(settings.keep, "the working files", "--keep")
    with (
        _termination_interrupts(),
        _working_folder(settings.keep) as directory,
        _Narrator() as narrator,
    ):
        run = _conformance_run(settings, registry, directory, narrator)
    deliver(run, registry, settings.format, _targets(settings.output))
    return 0 if settings.report_only and run.complete else exit_code(run)


class _Narrator:
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
        if line.pairs is not None:
            for told in pair_lines(line.pairs):
                self._progress.say(told)


def _conformance_run(
    settings: Settings, registry: Registry, directory: Path, narrator: _Narrator
) -> Run:
    return conformance_run(
        RunSettings(
            target=settings.target,
            conditions=settings.conditions,
            extra_arguments=settings.words,
        ),
        registry,
        directory=directory,
        environment=os.environ,
        machine=_machine(),
        started=datetime.now(UTC).isoformat(timespec="seconds"),
        clock=time.monotonic,
        begin=narrator.begin,
        follow=narrator.follow,
    )


def _machine() -> Environment:
    return Environment(
        hwcheck=hwcheck.__version__,
        python=platform.python_version(),
        torch=None,
        system=f"{platform.system()} {platform.release()}",
        machine=platform.machine(),
    )


def _targets(output: Path | None) -> dict[str, Path]:
    return {} if output is None else {name: output / file for name, file in _FILES.items()}


@contextmanager
def _termination_interrupts() -> Iterator[None]:
    """Take a batch system's or a closed terminal's signal for Ctrl-C: what was done is kept."""
    numbers = [
        number
        for number in (signal.SIGTERM, signal.SIGHUP)
        if signal.getsignal(number) is signal.SIG_DFL  # nohup ignores SIGHUP
    ]
    for number in numbers:
        signal.signal(number, signal.default_int_handler)
    try:
        yield
    finally:
        for number in numbers:
            signal.signal(number, signal.SIG_DFL)


@contextmanager
def _working_folder(keep: Path | None) -> Iterator[Path]:
    if keep is not None:
        yield Path(tempfile.mkdtemp(prefix="run-", dir=keep)).resolve()
        return
    with tempfile.TemporaryDirectory(prefix="hwcheck-", ignore_cleanup_errors=True) as folder:
        yield Path(folder).resolve()
