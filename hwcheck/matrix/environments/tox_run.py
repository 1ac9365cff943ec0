"""Runs jobs through tox, which makes and keeps their environments."""

import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

from hwcheck.errors import UsageError
from hwcheck.matrix.environments.documents import result_of
from hwcheck.matrix.environments.job import Job, JobResult
from hwcheck.matrix.environments.tox_file import tox_settings
from hwcheck.matrix.environments.tox_report import read_tox_report

__all__ = ["ToxRequest", "run_with_tox"]

#: Seconds for tox to end what it has started, after an interruption; it asks politely first.
_PATIENCE = 120.0


@dataclass(frozen=True, slots=True, kw_only=True)
class ToxRequest:
    """Jobs, and where they are done."""

    jobs: Sequence[Job]
    outputs: Mapping[str, Path]
    """The folder of each job's reports, by its name."""
    folder: Path
    """Where environments are kept, and tox's files."""
    parallel: int = 1
    recreate: bool = False


def run_with_tox(
    request: ToxRequest, environment: Mapping[str, str], tell: Callable[[str], None]
) -> Iterator[JobResult]:
    """Run the jobs and give what became of each; `tell` gets what tox says meanwhile.

    An interruption ends what runs, and the results of what was done are given all the same.

    Raises UsageError: tox is not installed, or the folder cannot be written.
    """
    check_tox()
    report = _write(request)
    interrupted = _follow(_start(request, report, environment), tell)
    told = read_tox_report(report)
    for job in request.jobs:
        yield result_of(job, request.outputs[job.name], told.get(job.name), interrupted=interrupted)


def check_tox() -> None:
    """Refuse to begin without tox.

    Raises UsageError: it is not installed.
    """
    if any(find_spec(name) is None for name in ("tox", "tomli_w")):
        raise UsageError(
            "environments are made with tox, which is not installed here\n"
            '  install it: pip install "hwcheck[matrix]"'
        )


def _write(request: ToxRequest) -> Path:
    # Imported here: only who makes environments has it.
    import tomli_w

    settings = tox_settings(request.jobs, request.outputs)
    report = request.folder / "result.json"
    try:
        request.folder.mkdir(parents=True, exist_ok=True)
        (request.folder / "tox.toml").write_text(tomli_w.dumps(settings), encoding="utf-8")
        # What an earlier run left would be taken for this one's.
        report.unlink(missing_ok=True)
    except OSError as error:
        raise UsageError(
            f"cannot write into {str(request.folder)!r}: {error.strerror}\n"
            "  name a folder that can be written with --output"
        ) from None
    return report


def _start(
    request: ToxRequest, report: Path, environment: Mapping[str, str]
) -> "subprocess.Popen[str]":
    command = [sys.executable, "-m", "tox", "run-parallel"]
    command += ["--conf", str(request.folder / "tox.toml"), "--root", str(request.folder)]
    command += ["--workdir", str(request.folder / "environments")]
    command += ["--result-json", str(report), "--parallel-no-spinner"]
    command += ["--parallel", str(request.parallel), "--colored", "no"]
    if request.recreate:
        command.append("--recreate")
    return subprocess.Popen(
        command,
        env=dict(environment),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        errors="replace",
        # A Ctrl-C must reach it once, from us, and not a second time from the terminal: the second
        # one makes tox give up what it is ending.
        start_new_session=True,
    )


def _follow(process: "subprocess.Popen[str]", tell: Callable[[str], None]) -> bool:
    """Pass on what tox says until it ends; whether it was interrupted."""
    assert process.stdout is not None
    try:
        for line in process.stdout:
            tell(line.rstrip("\n"))
        process.wait()
    except KeyboardInterrupt:
        tell("interrupted: ending the runs; what is done is kept")
        _end(process)
        return True
    except BaseException:
        _end(process)
        raise
    return False


def _end(process: "subprocess.Popen[str]") -> None:
    process.send_signal(signal.SIGINT)
    try:
        process.communicate(timeout=_PATIENCE)
    except (subprocess.TimeoutExpired, KeyboardInterrupt):
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.communicate()
