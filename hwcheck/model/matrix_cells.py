"""What the runs of a plugin show of each capability, as the matrix keeps it."""

from dataclasses import dataclass
from enum import StrEnum

from hwcheck.model.capability import Mark, Rung

__all__ = ["CapabilityCell", "CellChange", "CellCounts", "CellState"]


class CellState(StrEnum):
    """What people are shown of a capability, besides its rung."""

    YES_NATIVE = "yes-native"
    YES_FALLBACK = "yes-fallback"
    """It works, on the host's own parts in place of the plugin's."""
    PARTIAL = "partial"
    """Some of what demonstrates it was shown, and nothing speaks against the rest."""
    NO_HARDWARE = "no-hardware"
    """The vendor says that the device cannot do it."""
    NO_NOT_IMPLEMENTED = "no-not-implemented"
    """The platform was asked and does not declare it."""
    NO_REFUSED = "no-refused"
    """Asked for, it is refused at once and with a reason."""
    BROKEN = "broken"
    FLAKY = "flaky"
    """The same inputs gave different results."""
    WAIVED = "waived"
    NOT_MEASURED = "not-measured"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True, kw_only=True)
class CellCounts:
    """How many outcomes speak about a cell, by how they came out."""

    passed: int = 0
    broken: int = 0
    not_applicable: int = 0
    not_measured: int = 0
    harness_errors: int = 0
    flaky: int = 0
    waived: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class CapabilityCell:
    """One capability of one release of a plugin on one host; what is not known has no cell."""

    plugin: str
    version: str
    host: str
    capability: str
    state: CellState
    rung: Rung
    marks: tuple[Mark, ...] = ()
    why: str = ""
    """One line: what raised it to this rung, and what kept it from the next."""
    run: str | None = None
    """The id of the run that decides; ``None`` when no run has a part in it."""
    outcomes: tuple[str, ...] = ()
    """The ids of the outcomes of that run that speak, those against it first."""
    counts: CellCounts = CellCounts()
    disagreeing: tuple[str, ...] = ()
    """The ids of other runs that say otherwise."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CellChange:
    """One line of a cell's history."""

    date: str
    """When the deciding evidence was made: ISO 8601, UTC."""
    plugin: str
    version: str
    host: str
    capability: str
    """Empty for the static cell of the host."""
    state: str
    """The new state, of `CellState` or `StaticState`."""
    before: str | None
    """The old one; ``None`` when there was no cell."""
    rung: Rung = Rung.E0
    run: str | None = None
