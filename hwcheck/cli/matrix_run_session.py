"""What ``hwcheck matrix run`` shows meanwhile, and what it leaves."""

import os
import sys
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from fnmatch import fnmatchcase
from functools import partial
from pathlib import Path

from hwcheck.cli.cache_folder import cache_folder
from hwcheck.cli.deliver import check_writable
from hwcheck.cli.lasting import termination_interrupts
from hwcheck.cli.matrix_settings import RunOptions
from hwcheck.errors import UsageError
from hwcheck.hosts.known import known_releases
from hwcheck.matrix.attempts import keep_attempts, read_attempts
from hwcheck.matrix.documents import RUNS, add_runs
from hwcheck.matrix.environments.job import Job, JobResult
from hwcheck.matrix.environments.planning import fetching, make_jobs
from hwcheck.matrix.environments.ray_run import RayRequest, run_with_ray
from hwcheck.matrix.environments.session import Executor, Places, carry_out_jobs
from hwcheck.matrix.environments.tox_run import ToxRequest, run_with_tox
from hwcheck.matrix.specification import Specification, read_specification
from hwcheck.model.matrix_attempt import Ending
from hwcheck.report.escaping import visible

__all__ = ["carry_out_runs"]

_DONE = (Ending.RAN, Ending.KEPT)


def carry_out_runs(options: RunOptions) -> int:
    """Run what the specification names and return the exit code: 3 when a run is missing.

    Raises HwcheckError: the specification is wrong, a folder cannot be written, tox or Ray is
    missing.
    """
    specification = read_specification(options.specification, known_releases())
    work = (options.work or specification.folder / ".hwcheck").absolute()
    check_writable(options.output / RUNS, "runs", "--output")
    check_writable(work, "environments", "--work")
    # Read before anything is run: what is damaged there would lose the results at the end.
    read_attempts(options.output)
    jobs, has_problems = _jobs(specification, options.only, work)
    with termination_interrupts():
        results = tuple(
            _told(
                carry_out_jobs(
                    jobs,
                    Places(folder=work / "reports"),
                    _executor(options, work),
                    resume=options.resume,
                    tell=_tell,
                )
            )
        )
    _keep(results, options.output)
    ended = Counter(result.ending.value for result in results)
    _tell(f"{len(results)} runs: {', '.join(f'{ended[key]} {key}' for key in sorted(ended))}")
    return 3 if has_problems or any(item.ending not in _DONE for item in results) else 0


def _jobs(
    specification: Specification, only: Sequence[str], work: Path
) -> tuple[tuple[Job, ...], bool]:
    wheels = (cache_folder() or work) / "fetched"
    jobs, problems = make_jobs(specification, fetching(wheels, os.environ))
    for problem in problems:
        _tell(f"hwcheck: {problem.detail}")
        if problem.remedy:
            _tell(f"  {problem.remedy}")
    if not jobs and not problems:
        raise UsageError(
            f"nothing is to be run by {str(specification.path)!r}"
            "\n  name the hosts of a plugin with `run-on`"
        )
    chosen = tuple(job for job in jobs if not only or any(fnmatchcase(job.name, p) for p in only))
    if jobs and not chosen:
        names = "\n    ".join(job.name for job in jobs)
        raise UsageError(
            f"--only {' '.join(only)} leaves nothing to run\n  environments:\n    {names}"
        )
    return chosen, bool(problems)


def _executor(options: RunOptions, work: Path) -> Executor:
    return partial(_on_ray if options.executor == "ray" else _with_tox, options, work)


def _with_tox(
    options: RunOptions, work: Path, jobs: Sequence[Job], outputs: Mapping[str, Path]
) -> Iterator[JobResult]:
    request = ToxRequest(
        jobs=jobs,
        outputs=outputs,
        folder=work,
        parallel=options.parallel,
        recreate=options.recreate,
    )
    return run_with_tox(request, os.environ, _tell)


def _on_ray(
    options: RunOptions, work: Path, jobs: Sequence[Job], outputs: Mapping[str, Path]
) -> Iterator[JobResult]:
    request = RayRequest(jobs=jobs, outputs=outputs, address=options.address, folder=str(work))
    return run_with_ray(request, _tell)


def _told(results: Iterable[JobResult]) -> Iterator[JobResult]:
    for result in results:
        if result.ending not in _DONE:
            _tell(f"{result.job.name}: {result.ending}: {result.reason}")
        yield result


def _keep(results: Sequence[JobResult], folder: Path) -> None:
    documents = [str(item.document.absolute()) for item in results if item.document is not None]
    added = add_runs(documents, folder, seen_from=Path())
    keep_attempts(folder, results)
    _tell(f"{len(added.new)} runs added to {folder / RUNS}, {len(added.known)} there already")
    for problem in added.problems:
        _tell(f"hwcheck: {problem.detail}")


def _tell(line: str) -> None:
    sys.stderr.write(f"{visible(line)}\n")
    sys.stderr.flush()
