"""What a node of a Ray cluster does with one job: the same as this machine would."""

import os
import tempfile
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

from hwcheck.matrix.environments.job import Job
from hwcheck.matrix.environments.tox_run import ToxRequest, run_with_tox
from hwcheck.model.matrix_attempt import Ending

__all__ = ["Returned", "Shipped", "carry_out"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Shipped:
    """A job with what it needs of the machine that asks for it."""

    job: Job
    file_name: str | None = None
    content: bytes | None = None
    """The plugin's wheel, where it is a file."""
    folder: str | None = None
    """Where the node keeps its environments; ``None`` for a folder that is thrown away."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Returned:
    """What came of it."""

    ending: Ending
    reason: str
    log: str
    seconds: float
    document: bytes | None


def carry_out(shipped: Shipped) -> Returned:
    """Run a job on this machine and give its document as it is stored."""
    said: list[str] = []
    with tempfile.TemporaryDirectory(prefix="hwcheck-") as name:
        return _carried_out(shipped, Path(name), said.append)


def _carried_out(shipped: Shipped, scratch: Path, tell: Callable[[str], None]) -> Returned:
    job, output = _with_wheel(shipped, scratch), scratch / "reports"
    request = ToxRequest(
        jobs=(job,),
        outputs={job.name: output},
        folder=Path(shipped.folder) / job.name if shipped.folder else scratch / "tox",
    )
    (result,) = run_with_tox(request, os.environ, tell)
    return Returned(
        ending=result.ending,
        reason=result.reason,
        log=result.log,
        seconds=result.seconds,
        document=None if result.document is None else result.document.read_bytes(),
    )


def _with_wheel(shipped: Shipped, scratch: Path) -> Job:
    if shipped.content is None or shipped.file_name is None:
        return shipped.job
    # pip reads name and version out of the file's name.
    wheel = scratch / Path(shipped.file_name).name
    wheel.write_bytes(shipped.content)
    return replace(shipped.job, plugin_install=str(wheel))
