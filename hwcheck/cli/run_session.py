"""A conformance run from the command line: what it shows meanwhile, and what it leaves."""

import os
import platform
import shlex
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime
from pathlib import Path

import hwcheck
from hwcheck.api import RunSettings, conformance_run
from hwcheck.cli.deliver import check_writable, deliver
from hwcheck.cli.lasting import termination_interrupts
from hwcheck.cli.narrator import Narrator
from hwcheck.cli.run_settings import Settings
from hwcheck.config import find_config, read_config
from hwcheck.model.run import Environment, Run
from hwcheck.registry import Registry
from hwcheck.report.summary import exit_code
from hwcheck.run.unfinished import unfinished_since
from hwcheck.waivers.apply import WaiverBook

__all__ = ["carry_out"]

_FILES = {"json": "run.json", "junit": "junit.xml", "markdown": "report.md"}


def carry_out(settings: Settings, registry: Registry) -> int:
    """Run, write the reports and return the exit code.

    Raises HwcheckError: the run could not be started, or a report not be written.
    """
    check_writable(settings.output, "reports", "--output")
    check_writable(settings.keep, "the working files", "--keep")
    output = _resumable(settings)
    given_up = None if output is None or settings.resume else unfinished_since(output)
    with (
        termination_interrupts(),
        _working_folder(settings.keep) as directory,
        Narrator(settings.conditions, given_up) as narrator,
    ):
        run = _conformance_run(settings, registry, directory, narrator)
        narrator.conclude(run)
    if output is not None and not run.complete:
        rest = shlex.join(["--output", str(output), "--resume"])
        sys.stderr.write(f"to continue it: {run.command} {rest}\n")
    deliver(run, registry, settings.format, _targets(settings.output))
    return 0 if settings.report_only and run.complete else exit_code(run)


def _conformance_run(
    settings: Settings, registry: Registry, directory: Path, narrator: Narrator
) -> Run:
    return conformance_run(
        RunSettings(
            target=settings.target,
            conditions=settings.conditions,
            extra_arguments=settings.words,
            waivers=_waivers(settings),
            reruns=settings.reruns,
            output=_resumable(settings),
            resume=settings.resume,
        ),
        registry,
        directory=directory,
        environment=os.environ,
        machine=_machine(),
        started=datetime.now(UTC).isoformat(timespec="seconds"),
        clock=time.monotonic,
        begin=narrator.begin,
        follow=narrator.follow,
        say=narrator.say,
        look=narrator.look,
    )


def _waivers(settings: Settings) -> WaiverBook | None:
    found = find_config(Path()) if settings.config is None else read_config(settings.config)
    today = settings.today or date.today()
    return WaiverBook(waivers=found.waivers, today=today) if found.waivers else None


def _resumable(settings: Settings) -> Path | None:
    """Where what is found is kept; which stand-ins were used is known to the run alone."""
    return None if settings.conditions.stub_sdk else settings.output


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
def _working_folder(keep: Path | None) -> Iterator[Path]:
    if keep is not None:
        yield Path(tempfile.mkdtemp(prefix="run-", dir=keep)).resolve()
        return
    with tempfile.TemporaryDirectory(prefix="hwcheck-", ignore_cleanup_errors=True) as folder:
        yield Path(folder).resolve()
