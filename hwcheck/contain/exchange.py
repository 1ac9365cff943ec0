"""What we and the supervisor tell each other, as two small JSON files in the child's directory."""

import json
import os
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path

from hwcheck.model.outcome import Cause

__all__ = [
    "MARKER",
    "ChildEnd",
    "Limits",
    "Request",
    "read_end",
    "read_request",
    "write_end",
    "write_request",
]

MARKER = "HWCHECK_CHILD"
"""The environment variable by which descendants of a child are recognised."""

_REQUEST = "request.json"
_END = "end.json"


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """What a contained child may use before it is ended."""

    start: float = 180.0
    """Seconds until the first line of progress."""
    step: float = 30.0
    """Seconds between two signs of progress, unless a line of progress sets its own limit."""
    total: float = 900.0
    """Seconds in all."""
    memory: int = 6 * 2**30
    """Bytes resident in the child and all its descendants together."""
    output: int = 16 * 2**20
    """Bytes of stdout and stderr together."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ChildEnd:
    """How a contained child ended."""

    exit_code: int | None
    """``None`` unless the child came to its own end without a signal."""
    signal: str | None
    """The signal that killed the child, such as ``SIGSEGV``; ``None`` if we killed it."""
    cause: Cause | None
    """``None`` when the child exited by itself, with whatever exit code."""
    ended: str
    """The end in words."""
    seconds: float
    peak_bytes: int
    """The most memory that was seen resident."""
    tail: str
    """The end of stdout and stderr, fit to be shown."""
    left_processes: tuple[str, ...]
    """Command lines of the processes that outlived the child and that we ended, sorted."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """What the supervisor is asked to run."""

    command: tuple[str, ...]
    environment: Mapping[str, str]
    directory: Path
    limits: Limits
    progress: Path | None
    nonce: str
    """The value of `MARKER` in this child's environment and in no other."""
    parent: int
    """The process whose death ends the child."""

    @property
    def work(self) -> Path:
        """The child's working directory, so that what it writes beside itself stays with it."""
        return self.directory / "work"

    @property
    def stdout(self) -> Path:
        """The file that receives the child's standard output."""
        return self.directory / "stdout.txt"

    @property
    def stderr(self) -> Path:
        """The file that receives the child's standard error."""
        return self.directory / "stderr.txt"

    @property
    def log(self) -> Path:
        """The file that receives what the supervisor itself has to complain about."""
        return self.directory / "supervisor.txt"


def write_request(request: Request) -> Path:
    """Write `request` into its directory and return the file; forget what an earlier child left."""
    request.work.mkdir(parents=True, exist_ok=True)
    (request.directory / _END).unlink(missing_ok=True)
    document = asdict(request)
    document["directory"] = str(request.directory)
    document["progress"] = None if request.progress is None else str(request.progress)
    path = request.directory / _REQUEST
    path.unlink(missing_ok=True)
    # The environment may hold secrets: only its owner may read it.
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w", encoding="ascii") as stream:
        json.dump(document, stream)
    return path


def read_request(path: Path) -> Request:
    """Read a request and remove its file, which may hold secrets."""
    document = json.loads(path.read_text(encoding="ascii"))
    path.unlink()
    progress = document["progress"]
    return Request(
        command=tuple(document["command"]),
        environment=document["environment"],
        directory=Path(document["directory"]),
        limits=Limits(**document["limits"]),
        progress=None if progress is None else Path(progress),
        nonce=document["nonce"],
        parent=document["parent"],
    )


def write_end(directory: Path, end: ChildEnd) -> None:
    """Write the end record at once or not at all, even if the child removed the directory."""
    directory.mkdir(parents=True, exist_ok=True)
    unfinished = directory / f"{_END}.new"
    unfinished.write_text(json.dumps(asdict(end)), encoding="ascii")
    unfinished.replace(directory / _END)


def read_end(directory: Path) -> ChildEnd | None:
    """Return the end record, or ``None`` where there is none that can be read."""
    try:
        document = json.loads((directory / _END).read_bytes())
        document["cause"] = None if document["cause"] is None else Cause(document["cause"])
        document["left_processes"] = tuple(document["left_processes"])
        return ChildEnd(**document)
    except (OSError, ValueError, KeyError, TypeError):
        return None
