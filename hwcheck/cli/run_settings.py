"""What ``hwcheck run`` was asked for."""

from dataclasses import dataclass
from pathlib import Path

from hwcheck.observe.conditions import Conditions

__all__ = ["Settings"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """What `hwcheck run` was asked for."""

    target: str
    conditions: Conditions
    format: str
    output: Path | None
    keep: Path | None
    report_only: bool
    resume: bool
    """Whether the run that was cut off in `output` goes on."""
    words: tuple[str, ...]
    """The options as given, for the command that repeats the run."""
