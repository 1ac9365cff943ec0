"""An attempt to run a plugin that gave no run: whose failure that is, and why."""

from dataclasses import dataclass
from enum import StrEnum

__all__ = ["Attempt", "Ending"]


class Ending(StrEnum):
    """How an attempt to run a plugin ended."""

    RAN = "ran"
    """There is a run document; what the plugin did is told there."""
    ENVIRONMENT = "environment"
    """The environment could not be made: no verdict on the plugin."""
    HARNESS = "harness"
    """The run left no usable document: a fault of hwcheck's, or of the machine."""
    LOST = "lost"
    """The machine that worked on it is gone, or none offers the device."""
    INTERRUPTED = "interrupted"
    KEPT = "kept"
    """It had been run before, with the same inputs."""


@dataclass(frozen=True, slots=True, kw_only=True, order=True)
class Attempt:
    """One attempt that gave no run."""

    plugin: str
    version: str
    host: str
    torch: str = ""
    ending: Ending
    reason: str
    log: str = ""
    """The end of what was said."""
