"""What ``hwcheck matrix`` is asked for."""

from dataclasses import dataclass
from pathlib import Path

__all__ = ["BuildOptions", "RunOptions"]


@dataclass(frozen=True, slots=True, kw_only=True)
class BuildOptions:
    """What `hwcheck matrix build` was asked for."""

    specification: Path
    output: Path
    date: str | None
    jobs: int
    cache: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class RunOptions:
    """What `hwcheck matrix run` was asked for."""

    specification: Path
    output: Path
    work: Path | None
    """``None``: a folder beside the specification."""
    only: tuple[str, ...]
    executor: str
    parallel: int
    resume: bool
    recreate: bool
    address: str | None
    """Of a Ray cluster."""
