"""What ``hwcheck check`` was asked for."""

from dataclasses import dataclass
from pathlib import Path

from hwcheck.model.check import Selection

__all__ = ["Settings"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """What `hwcheck check` was asked for."""

    target: str
    host: str | None
    baseline: str | None
    window: bool
    selection: Selection
    gates: tuple[str, ...]
    """Besides those that are known anyway."""
    jobs: int
    cache: bool
    format: str
    output: Path | None
    report_only: bool
    words: tuple[str, ...]
    """The options as given, for the command that repeats the check."""
