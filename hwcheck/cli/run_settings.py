"""What ``hwcheck run`` was asked for."""

from dataclasses import dataclass
from datetime import date
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
    config: Path | None = None
    """The file that holds the waivers; ``None`` for the one of the current folder."""
    reruns: int = 0
    """How often a failed contract is examined again."""
    today: date | None = None
    """The day on which waivers are looked at; ``None`` for today."""
