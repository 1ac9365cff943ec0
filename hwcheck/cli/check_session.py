"""A check from the command line: what it shows meanwhile, and what it leaves."""

import os
import platform
import shlex
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import hwcheck
from hwcheck.api import Checked, CheckSettings, Progress, static_check
from hwcheck.cli.cache_folder import cache_folder
from hwcheck.cli.check_settings import Settings
from hwcheck.cli.deliver import check_writable, deliver
from hwcheck.model.plugin import Host, Plugin
from hwcheck.model.run import Environment, Run
from hwcheck.registry import Registry
from hwcheck.report import check_summary as summary

__all__ = ["carry_out"]

_FILES = {
    "json": "check.json",
    "sarif": "check.sarif",
    "markdown": "check.md",
    "junit": "junit.xml",
}


def carry_out(settings: Settings, registry: Registry) -> int:
    """Check, write the reports and return the exit code.

    Raises HwcheckError: the check could not be made, or a report not be written.
    """
    check_writable(settings.output, "reports", "--output")
    with _progress() as progress:
        checked = static_check(
            _request(settings), registry, environment=os.environ, progress=progress
        )
    run = _run(checked, settings)
    registry.announce_finished(run)
    deliver(run, registry, settings.format, _targets(settings.output))
    code = summary.exit_code(summary.check_of(run))
    if settings.report_only and code == 1:
        sys.stderr.write("hwcheck: exits with 0 all the same, because of --report-only\n")
        return 0
    return code


def _request(settings: Settings) -> CheckSettings:
    request = CheckSettings(
        target=settings.target,
        host=settings.host,
        baseline=settings.baseline,
        window=settings.window,
        selection=settings.selection,
        processes=settings.jobs,
        cache=cache_folder() if settings.cache else None,
    )
    return replace(request, gates=(*request.gates, *settings.gates))


@contextmanager
def _progress() -> Iterator[Progress]:
    if not sys.stderr.isatty():
        yield lambda stage: None
        return
    # rich takes a part of the time of a short check; only a terminal needs it here.
    from rich.console import Console

    from hwcheck.report.check_progress import CheckProgress

    with CheckProgress(Console(stderr=True)) as progress:
        yield lambda stage: progress.follow(
            stage.name, stage.subject, done=stage.done, total=stage.total
        )


def _run(checked: Checked, settings: Settings) -> Run:
    check = replace(checked.check, root=_root(settings.target))
    host = check.host and Host(distribution="vllm", version=check.host, location="")
    return Run(
        plugin=_portable(checked.plugin),
        host=host or None,
        environment=_machine(),
        started="",
        seconds=0.0,
        complete=check.is_complete,
        interruption=None if check.is_complete else summary.exit_meaning(check),
        contracts=(),
        outcomes=(),
        profiles=(),
        capabilities=(),
        standings=(),
        problems=checked.problems,
        command=shlex.join(["hwcheck", "check", settings.target, *settings.words]),
        check=check,
    )


def _portable(plugin: Plugin) -> Plugin:
    """The plugin without the folders of this machine, which differ from one to the next."""
    location = Path(plugin.location)
    return replace(plugin, location=location.name) if location.is_absolute() else plugin


def _root(target: str) -> str:
    """Where a source tree stands below the current folder; empty for everything else."""
    if not Path(target).is_dir():
        return ""
    path = os.path.relpath(target).replace(os.sep, "/")
    return "" if path == "." or path.startswith("..") else path


def _machine() -> Environment:
    return Environment(
        hwcheck=hwcheck.__version__,
        python=platform.python_version(),
        torch=None,
        system=platform.system(),
        machine=platform.machine(),
    )


def _targets(output: Path | None) -> dict[str, Path]:
    return {} if output is None else {name: output / file for name, file in _FILES.items()}
