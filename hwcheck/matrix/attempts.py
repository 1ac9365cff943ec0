"""The attempts that gave no run, kept beside the runs of a matrix."""

from collections.abc import Iterable
from pathlib import Path

from hwcheck.codec_matrix import decode_attempts, encode_attempts
from hwcheck.matrix.environments.job import JobResult
from hwcheck.model.matrix_attempt import Attempt, Ending
from hwcheck.report.cleaning import cleaned
from hwcheck.report.output import make_folder, write_text

__all__ = ["ATTEMPTS", "attempt_of", "keep_attempts", "read_attempts"]

ATTEMPTS = "attempts.json"
_SUCCEEDED = (Ending.RAN, Ending.KEPT)


def read_attempts(folder: Path) -> tuple[Attempt, ...]:
    """Read them; none where no run was ever tried.

    Raises CodecError: the file is damaged.
    """
    try:
        data = (folder / ATTEMPTS).read_bytes()
    except OSError:
        return ()
    return decode_attempts(data, ATTEMPTS)


def keep_attempts(folder: Path, results: Iterable[JobResult]) -> None:
    """Put what became of jobs in the place of what was known of the same jobs.

    Raises CodecError: the file is damaged. ReportError: it cannot be written.
    """
    kept = {_place(item): item for item in read_attempts(folder)}
    for result in results:
        attempt = attempt_of(result)
        kept.pop(_place(attempt), None)
        if result.ending not in _SUCCEEDED:
            kept[_place(attempt)] = attempt
    make_folder(folder)
    attempts = encode_attempts(kept[place] for place in sorted(kept))
    write_text(folder / ATTEMPTS, attempts.decode(), what="the attempts")


def attempt_of(result: JobResult) -> Attempt:
    """Make the record of a job's end, without what only its machine should know."""
    job = result.job
    return Attempt(
        plugin=job.plugin,
        version=job.version,
        host=job.host,
        torch=job.torch or "",
        ending=result.ending,
        reason=cleaned(result.reason),
        log=cleaned(result.log),
    )


def _place(attempt: Attempt) -> tuple[str, str, str, str]:
    return attempt.plugin, attempt.version, attempt.host, attempt.torch
