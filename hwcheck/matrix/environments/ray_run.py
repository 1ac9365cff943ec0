"""Runs jobs on the nodes of a Ray cluster that offer the device which each needs."""

import socket
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from hwcheck.errors import UsageError
from hwcheck.matrix.environments.documents import DOCUMENT
from hwcheck.matrix.environments.job import Job, JobResult
from hwcheck.matrix.environments.ray_task import Returned, Shipped, carry_out
from hwcheck.model.matrix_attempt import Ending

__all__ = ["RayRequest", "run_with_ray"]

#: Times that a job is begun again after the node that worked on it was lost.
_RETRIES = 2
_TICK = 1.0
_TIME_TO_ANSWER = 10.0


@dataclass(frozen=True, slots=True, kw_only=True)
class RayRequest:
    """Jobs, and the cluster that does them."""

    jobs: Sequence[Job]
    outputs: Mapping[str, Path]
    address: str | None = None
    """Of the cluster; ``None`` for the one that this machine belongs to."""
    folder: str | None = None
    """Where a node keeps environments."""
    patience: float = 60.0
    """Seconds that a device may be offered by no node before its jobs are given up."""


@dataclass(slots=True, kw_only=True)
class _Waiting:
    """The jobs that are not done, and since when a device is missed."""

    jobs: dict[Any, Job]
    missed: dict[str, float] = field(default_factory=dict)


def run_with_ray(request: RayRequest, tell: Callable[[str], None]) -> Iterator[JobResult]:
    """Run the jobs and give what became of each, in the order in which they end.

    A job whose node is lost is begun again on another one that offers the device.

    Raises UsageError: Ray is not installed, no cluster answers, or a plugin is no single file.
    """
    shipped = [_shipped(job, request.folder) for job in request.jobs]
    ray = _connected(request.address)
    remote = ray.remote(carry_out)
    waiting = _Waiting(
        jobs={
            remote.options(
                name=item.job.name,
                num_cpus=1,
                resources={item.job.device: 1} if item.job.device else {},
                max_retries=_RETRIES,
            ).remote(item): item.job
            for item in shipped
        }
    )
    try:
        yield from _results(ray, waiting, request, tell)
    except KeyboardInterrupt:
        tell("interrupted: ending the runs; what is done is kept")
        yield from _interrupted(ray, waiting)
    finally:
        ray.shutdown()


def _connected(address: str | None) -> Any:
    if find_spec("ray") is None:
        raise UsageError(
            "a cluster is reached through Ray, which is not installed here\n"
            '  install it: pip install "hwcheck[ray]"'
        )
    ray = import_module("ray")
    try:
        _knock(address)
        # What the workers print belongs to tox; what matters of it comes back with the result.
        ray.init(address=address or "auto", log_to_driver=False, logging_level="ERROR")
    except (OSError, ValueError, RuntimeError) as error:
        raise UsageError(
            f"no Ray cluster answers at {address or 'this machine'!r}: {_first_line(error)}\n"
            "  start one with `ray start --head`, or name it with --ray-address"
        ) from None
    return ray


def _knock(address: str | None) -> None:
    """Find out quickly that nobody listens; Ray itself tries for minutes."""
    host, _, port = (address or "").rpartition(":")
    if host and port.isdecimal() and "/" not in host:
        with socket.create_connection((host, int(port)), timeout=_TIME_TO_ANSWER):
            pass


def _shipped(job: Job, folder: str | None) -> Shipped:
    path = Path(job.plugin_install) if job.plugin_install else None
    if path is None or not path.exists():
        return Shipped(job=job, folder=folder)
    if path.is_dir():
        raise UsageError(
            f"{job.plugin_install!r} is a folder, which is not sent to other machines\n"
            "  build a wheel of it, and name the wheel"
        )
    return Shipped(job=job, folder=folder, file_name=path.name, content=path.read_bytes())


def _results(
    ray: Any, waiting: _Waiting, request: RayRequest, tell: Callable[[str], None]
) -> Iterator[JobResult]:
    while waiting.jobs:
        done, _ = ray.wait(list(waiting.jobs), num_returns=1, timeout=_TICK)
        for task in done:
            job = waiting.jobs.pop(task)
            result = _result(ray, task, job, request.outputs[job.name])
            tell(f"{job.name}: {result.ending} ({result.seconds:.0f} s)")
            yield result
        yield from _given_up(ray, waiting, request.patience, tell)


def _result(ray: Any, task: Any, job: Job, output: Path) -> JobResult:
    try:
        returned: Returned = ray.get(task)
    except (ray.exceptions.WorkerCrashedError, ray.exceptions.NodeDiedError) as error:
        reason = f"the node was lost, {_RETRIES + 1} times in all: {_first_line(error)}"
        return JobResult(job=job, ending=Ending.LOST, reason=reason)
    except ray.exceptions.RayError as error:
        return JobResult(job=job, ending=Ending.HARNESS, reason=_first_line(error))
    document = None
    if returned.document is not None:
        output.mkdir(parents=True, exist_ok=True)
        document = output / DOCUMENT
        document.write_bytes(returned.document)
    return JobResult(
        job=job,
        ending=returned.ending,
        document=document,
        reason=returned.reason,
        log=returned.log,
        seconds=returned.seconds,
    )


def _given_up(
    ray: Any, waiting: _Waiting, patience: float, tell: Callable[[str], None]
) -> Iterator[JobResult]:
    """Give up the jobs whose device no node has offered for a while; Ray would wait forever."""
    offered, now = ray.cluster_resources(), time.monotonic()
    wanted = {job.device for job in waiting.jobs.values() if job.device}
    for device in sorted(wanted):
        if offered.get(device, 0) >= 1:
            waiting.missed.pop(device, None)
        elif device not in waiting.missed:
            waiting.missed[device] = now
            tell(f"no node offers {device!r}; its runs are given up in {patience:.0f} s")
        elif now - waiting.missed[device] > patience:
            for task, job in [item for item in waiting.jobs.items() if item[1].device == device]:
                del waiting.jobs[task]
                with suppress(ray.exceptions.RayError):
                    ray.cancel(task, force=True)
                reason = f"no node of the cluster offers the device {device!r}"
                yield JobResult(job=job, ending=Ending.LOST, reason=reason)


def _interrupted(ray: Any, waiting: _Waiting) -> Iterator[JobResult]:
    for task, job in waiting.jobs.items():
        with suppress(ray.exceptions.RayError):
            ray.cancel(task)
        yield JobResult(job=job, ending=Ending.INTERRUPTED, reason="interrupted before it was done")


def _first_line(error: BaseException) -> str:
    return str(error).strip().partition("\n")[0]
