"""What a job has left: its run document, or why there is none."""

from pathlib import Path

from hwcheck.codec import decode_run
from hwcheck.errors import CodecError
from hwcheck.matrix.environments.job import Job, JobResult
from hwcheck.matrix.environments.tox_report import EnvironmentReport
from hwcheck.model.matrix_attempt import Ending

__all__ = ["DOCUMENT", "is_done", "keep_fingerprint", "result_of"]

DOCUMENT = "run.json"
_FINGERPRINT = "job.sha256"
#: How `hwcheck run` ends when it finds no plugin or no vLLM.
_NOTHING_TO_RUN = (2,)


def result_of(
    job: Job, output: Path, report: EnvironmentReport | None, *, interrupted: bool
) -> JobResult:
    """Say what became of a job whose reports are in `output`.

    A document that says that the run was cut off counts as interrupted, and is kept.
    """
    seconds = 0.0 if report is None else report.seconds
    document = output / DOCUMENT
    if document.is_file():
        return _read(job, document, seconds)
    ending, reason = _without_document(report, interrupted=interrupted)
    log = "" if report is None else report.log
    return JobResult(job=job, ending=ending, reason=reason, log=log, seconds=seconds)


def is_done(job: Job, output: Path, fingerprint: str) -> bool:
    """Whether a complete run of these very inputs is there already."""
    try:
        if (output / _FINGERPRINT).read_text(encoding="utf-8") != fingerprint:
            return False
    except OSError:
        return False
    document = output / DOCUMENT
    return document.is_file() and _read(job, document, 0.0).ending is Ending.RAN


def keep_fingerprint(output: Path, fingerprint: str) -> None:
    """Note what the run in `output` was made of, for a later resumption."""
    (output / _FINGERPRINT).write_text(fingerprint, encoding="utf-8")


def _read(job: Job, document: Path, seconds: float) -> JobResult:
    try:
        run = decode_run(document.read_bytes(), document.name)
    except (OSError, CodecError) as error:
        return JobResult(job=job, ending=Ending.HARNESS, reason=str(error), seconds=seconds)
    return JobResult(
        job=job,
        ending=Ending.RAN if run.complete else Ending.INTERRUPTED,
        document=document,
        reason=run.interruption or "",
        seconds=seconds,
    )


def _without_document(report: EnvironmentReport | None, *, interrupted: bool) -> tuple[Ending, str]:
    if interrupted:
        return Ending.INTERRUPTED, "interrupted before it was done"
    if report is None:
        return Ending.ENVIRONMENT, "tox did not come to it"
    if report.failed_step is not None:
        return Ending.ENVIRONMENT, f"the environment could not be made: {report.failed_step}"
    if report.exit_code in _NOTHING_TO_RUN:
        # The plugin or vLLM is not what it was said to be; nothing of the plugin was run.
        said = report.log.partition("\n")[0].removeprefix("hwcheck: ")
        return Ending.ENVIRONMENT, f"there was nothing to run: {said}"
    return Ending.HARNESS, f"the run left no document (exit code {report.exit_code})"
