"""Carries out jobs: leaves what is done already, and runs the rest."""

import hashlib
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from hwcheck.errors import UsageError
from hwcheck.matrix.environments.documents import DOCUMENT, is_done, keep_fingerprint
from hwcheck.matrix.environments.job import Job, JobResult, fingerprint
from hwcheck.model.matrix_attempt import Ending

__all__ = ["Executor", "Places", "carry_out_jobs"]


class Executor(Protocol):
    """What runs jobs."""

    def __call__(self, jobs: Sequence[Job], outputs: Mapping[str, Path]) -> Iterator[JobResult]:
        """Run jobs and give what became of each; the reports go to the folder of each name."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Places:
    """Where the reports of jobs are."""

    folder: Path

    def output(self, job: Job) -> Path:
        """The folder of a job's reports."""
        return self.folder / job.name


def carry_out_jobs(
    jobs: Iterable[Job],
    places: Places,
    executor: Executor,
    *,
    resume: bool,
    tell: Callable[[str], None],
) -> Iterator[JobResult]:
    """Run jobs and give what became of each; with `resume`, complete runs of the same are kept.

    Raises UsageError: two jobs are one and the same, or the folder cannot be written.
    """
    prints = {job.name: (job, fingerprint(job, _digest(job))) for job in _distinct(jobs)}
    waiting: list[Job] = []
    for job, key in prints.values():
        output = places.output(job)
        if resume and is_done(job, output, key):
            tell(f"{job.name}: kept from an earlier run")
            yield JobResult(job=job, ending=Ending.KEPT, document=output / DOCUMENT)
        else:
            waiting.append(job)
    outputs = {job.name: places.output(job) for job in waiting}
    for name, output in outputs.items():
        # Before the run, so that a complete document counts even if we are killed beside it.
        _begun(output, prints[name][1])
    if waiting:
        # Nothing is heard of an environment until its run is over.
        tell(f"{len(waiting)} to run; each is told when it is over")
        yield from executor(waiting, outputs)


def _distinct(jobs: Iterable[Job]) -> Iterator[Job]:
    names: set[str] = set()
    for job in jobs:
        if job.name in names:
            raise UsageError(
                f"{job.plugin} {job.version} under vLLM {job.host} is wanted twice\n"
                "  remove one of the two from the specification"
            )
        names.add(job.name)
        yield job


def _begun(output: Path, key: str) -> None:
    # What an earlier run left would be taken for what this one found.
    try:
        output.mkdir(parents=True, exist_ok=True)
        for path in output.iterdir():
            if path.is_file():
                path.unlink()
        keep_fingerprint(output, key)
    except OSError as error:
        raise UsageError(
            f"cannot write runs into {str(output)!r}: {error.strerror}\n"
            "  name a folder that can be written with --output"
        ) from None


def _digest(job: Job) -> str:
    """The digest of the plugin's files, where they are on this machine."""
    path = Path(job.plugin_install)
    if not job.plugin_install or not path.exists():
        return ""
    files = [path] if path.is_file() else sorted(item for item in path.rglob("*.py"))
    digest = hashlib.sha256()
    for file in files:
        digest.update(file.name.encode() + b"\0" + file.read_bytes())
    return digest.hexdigest()
