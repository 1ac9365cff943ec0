"""What the source of a plugin says of each host, as the matrix keeps it."""

from dataclasses import dataclass
from enum import StrEnum

from hwcheck.model.check import Baseline
from hwcheck.model.finding import Location, Severity

__all__ = [
    "Affected",
    "Breakage",
    "BreakageKind",
    "PluginRelease",
    "RuleCount",
    "StaticCell",
    "StaticState",
    "Window",
]


class StaticState(StrEnum):
    """How a plugin's source stands to a host."""

    FITS = "fits"
    """No new finding of severity error, and the plugin's requirements allow it or say nothing."""
    DECLARED_OUTSIDE = "declared-outside"
    """No new finding of severity error, but the plugin's requirements exclude it."""
    BREAKS = "breaks"
    UNREADABLE = "unreadable"
    """The plugin could not be read or fetched: see the problems."""


class BreakageKind(StrEnum):
    """On which side of the release that a plugin was made for it breaks."""

    NEWER = "newer"
    """A later vLLM changed it."""
    OLDER = "older"
    """An earlier vLLM does not have it yet."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Window:
    """The known releases around the one that a plugin was made for that nothing breaks."""

    first: str
    last: str
    broken_before: str | None = None
    """The newest release before them that breaks; ``None`` when none is known."""
    broken_after: str | None = None
    """The first release after them that breaks; ``None`` when none is known."""
    reasons_before: tuple[str, ...] = ()
    reasons_after: tuple[str, ...] = ()
    """The first findings there, in words."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PluginRelease:
    """One release of a plugin, and what its source says of hosts altogether."""

    version: str
    origin: str
    """``wheel``, ``source``, ``installed`` or ``index`` (fetched by name and version)."""
    subject: str
    """What it was read from: a file's or folder's name, or ``NAME==VERSION``."""
    requires_vllm: tuple[str, ...] = ()
    baseline: Baseline | None = None
    window: Window | None = None
    """``None`` when even the release that it was made for breaks, or it could not be read."""
    first_broken_by: str | None = None
    """The first release after its window; ``None`` when no known one breaks it."""
    files: int = 0
    uses: int = 0
    built: str | None = None
    """The day on which its wheel was built, where that tells it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RuleCount:
    """How many findings there are of a rule."""

    rule: str
    count: int


@dataclass(frozen=True, slots=True, kw_only=True)
class StaticCell:
    """One release of a plugin, held against one host without importing it."""

    plugin: str
    version: str
    host: str
    state: StaticState
    errors: int = 0
    warnings: int = 0
    notes: int = 0
    rules: tuple[RuleCount, ...] = ()
    """Of errors and warnings, by rule."""
    breakages: tuple[str, ...] = ()
    """Ids of what breaks it."""
    is_declared: bool | None = None
    """Whether the plugin's requirements allow the host; ``None`` when they say nothing."""
    is_complete: bool = True
    """False when files of the plugin could not be read."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Affected:
    """A release of a plugin that a breakage concerns, and where."""

    plugin: str
    version: str
    where: Location
    """One of the places."""
    plugin_side: str
    places: int = 1
    fix: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Breakage:
    """One thing of vLLM's that breaks plugins: the more it breaks, the larger its blast radius."""

    id: str
    kind: BreakageKind
    host: str
    """The first release that breaks; for `OLDER` the newest that does not have it yet."""
    rule: str
    severity: Severity
    symbol: str
    """Of vLLM: ``vllm.v1.worker.gpu_worker.Worker.load_model``."""
    words: str
    """What that release offers."""
    words_before: str | None = None
    """What the release offered that the plugin was made for."""
    affected: tuple[Affected, ...] = ()

    @property
    def plugins(self) -> tuple[str, ...]:
        """The names of the plugins that it breaks."""
        return tuple(sorted({item.plugin for item in self.affected}))
