"""What ``hwcheck matrix`` is asked for."""

from dataclasses import dataclass
from pathlib import Path

__all__ = ["BuildOptions"]


@dataclass(frozen=True, slots=True, kw_only=True)
class BuildOptions:
    """What `hwcheck matrix build` was asked for."""

    specification: Path
    output: Path
    date: str | None
    jobs: int
    cache: bool
