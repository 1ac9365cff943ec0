"""The matrix: plugin x host x capability, folded from checks and runs."""

from dataclasses import dataclass

from hwcheck.model.contract import Profile
from hwcheck.model.matrix_attempt import Attempt
from hwcheck.model.matrix_cells import CapabilityCell, CellChange
from hwcheck.model.matrix_static import Breakage, PluginRelease, StaticCell
from hwcheck.model.outcome import OutcomeState
from hwcheck.model.run import Environment, ProfileResult

__all__ = [
    "Matrix",
    "MatrixCapability",
    "MatrixContract",
    "MatrixHost",
    "MatrixPlugin",
    "MatrixProblem",
    "MatrixRun",
    "OutcomeSeen",
]


@dataclass(frozen=True, slots=True, kw_only=True)
class MatrixPlugin:
    """A row of the matrix, with its releases, oldest first."""

    name: str
    vendor: str = ""
    device: str = ""
    """The kind of device, in the vendor's words."""
    entry_points: tuple[str, ...] = ()
    """Group and name, of the newest release."""
    releases: tuple[PluginRelease, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class MatrixHost:
    """A column of the matrix."""

    version: str
    minor: str
    """``0.33`` of ``0.33.1``."""
    released: str | None = None
    """The day, where it is known."""


@dataclass(frozen=True, slots=True, kw_only=True)
class MatrixCapability:
    """A capability of the taxonomy."""

    id: str
    title: str
    group: str
    gate: str = "open"
    """Whether vLLM lets a plugin supply it at all: open, plugin, partial or closed."""
    note: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class MatrixContract:
    """A contract that outcomes of the matrix are of."""

    id: str
    profile: Profile
    title: str
    remedy: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class OutcomeSeen:
    """An outcome of a run that did not pass, shortened; the run's document has all of it."""

    id: str
    """Contract and case."""
    state: OutcomeState
    cause: str = ""
    reason: str = ""
    where: str = ""
    """File and line, where it is known."""


@dataclass(frozen=True, slots=True, kw_only=True)
class MatrixRun:
    """A run that has a part in the matrix; its document is ``runs/<id>.json`` beside it."""

    id: str
    """The digest of its content."""
    plugin: str
    version: str
    host: str
    environment: Environment
    device: str = ""
    """The device that its engines ran on; empty when none was started."""
    started: str = ""
    """ISO 8601, UTC."""
    seconds: float = 0.0
    complete: bool = True
    profiles: tuple[ProfileResult, ...] = ()
    command: str = ""
    stale: str | None = None
    """Why it no longer holds, ``None`` when it does."""
    superseded: bool = False
    """No cell rests on it any more: newer evidence says all that it says."""
    is_stubbed: bool = False
    """Stand-ins took the place of the vendor's libraries."""
    failures: tuple[OutcomeSeen, ...] = ()
    """What was broken, flaky or waived, and what hwcheck itself could not check."""


@dataclass(frozen=True, slots=True, kw_only=True, order=True)
class MatrixProblem:
    """Something that could not be read, fetched or run; other cells are unharmed."""

    subject: str
    """The plugin, document or host concerned."""
    detail: str
    """One line: what was found."""
    remedy: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Matrix:
    """All that is published: sorted, so that the same evidence gives the same bytes."""

    title: str
    hwcheck: str
    """The version that made it."""
    made: str
    """The date of the newest evidence, or the one that was given; empty when there is neither."""
    plugins: tuple[MatrixPlugin, ...] = ()
    hosts: tuple[MatrixHost, ...] = ()
    """Oldest first."""
    capabilities: tuple[MatrixCapability, ...] = ()
    contracts: tuple[MatrixContract, ...] = ()
    checks: tuple[StaticCell, ...] = ()
    breakages: tuple[Breakage, ...] = ()
    """Those that break most plugins first."""
    runs: tuple[MatrixRun, ...] = ()
    cells: tuple[CapabilityCell, ...] = ()
    """Only where something is known; a blank is unknown."""
    history: tuple[CellChange, ...] = ()
    """Oldest first."""
    problems: tuple[MatrixProblem, ...] = ()
    attempts: tuple[Attempt, ...] = ()
    """Runs that were tried and gave no document; none of them is a verdict on a plugin."""
