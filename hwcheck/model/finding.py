"""Findings: what static rules found, with both sides shown."""

from dataclasses import dataclass
from enum import StrEnum

__all__ = ["Finding", "Location", "Reach", "Severity"]


class Severity(StrEnum):
    """How sure it is that a finding breaks something."""

    ERROR = "error"
    """It breaks on a way that vLLM or the plugin takes."""
    WARNING = "warning"
    """It breaks if the code is reached, or nothing in vLLM was seen to rely on it."""
    NOTE = "note"
    """Worth a look; or it cannot be told."""

    @property
    def rank(self) -> int:
        """Its place among the severities, the most severe first."""
        return tuple(Severity).index(self)


class Reach(StrEnum):
    """How the code of a finding comes to run."""

    REACHED = "reached"
    """From an entry point of the plugin."""
    UNREACHED = "unreached"
    TRIED = "tried"
    """The plugin catches the failure."""
    TYPING = "typing"
    """For type checkers only."""


@dataclass(frozen=True, slots=True, kw_only=True, order=True)
class Location:
    """A place in source."""

    path: str
    """Relative to the plugin's tree, or to the folder that holds ``vllm``."""
    line: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One mismatch between a plugin's source and a host."""

    rule: str
    severity: Severity
    where: Location
    symbol: str
    """What it is about, on the host's side: ``vllm.v1.worker.gpu_worker.Worker.load_model``."""
    subject: str = ""
    """What it is about, on the plugin's side: ``vllm_x.worker.XWorker.load_model``."""
    detail: str = ""
    """What tells it from others of the same rule, place and symbol: a parameter's name."""
    plugin_side: str
    """What the plugin does; no line ends."""
    host_side: str
    """What the host offers now."""
    host_before: str | None = None
    """What the host that the plugin was held against offered."""
    host_where: Location | None = None
    evidence: Location | None = None
    """Where the host relies on it: a call that does not fit."""
    fix: str | None = None
    """What to write instead, where it can be derived."""
    since: str | None = None
    """The first known release with it."""
    reach: Reach = Reach.REACHED
    other_lines: tuple[int, ...] = ()
    """Further places in the same file."""

    @property
    def key(self) -> tuple[str, str, str, str, str]:
        """What stays the same from host to host, whatever lines move."""
        return (self.rule, self.where.path, self.subject, self.symbol, self.detail)
