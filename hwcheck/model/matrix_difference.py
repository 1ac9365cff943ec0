"""What became better and worse from one matrix to another."""

from dataclasses import dataclass

from hwcheck.model.run_difference import Trend

__all__ = ["CellMove", "MatrixDifference", "MatrixSide", "StaleCell"]


@dataclass(frozen=True, slots=True, kw_only=True)
class MatrixSide:
    """One of the two matrices."""

    source: str
    """The document, as it was named."""
    title: str
    made: str
    """The date of its newest evidence; empty when there is none."""
    hwcheck: str
    plugins: int
    hosts: int
    checks: int
    """Static cells."""
    cells: int
    """Cells of capabilities."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CellMove:
    """One cell that is not as it was."""

    trend: Trend
    plugin: str
    version: str
    host: str
    capability: str
    """Empty for the static cell of the host."""
    before: str | None
    """The state, with the rung or the number of errors; ``None`` for what is new."""
    after: str | None
    version_before: str
    """The release that it was held against: the same one, or the newest older one."""
    why: str = ""
    """What the new matrix says of it; the old one of what is gone."""


@dataclass(frozen=True, slots=True, kw_only=True)
class StaleCell:
    """A cell of which the evidence held in the old matrix and does not in the new one."""

    plugin: str
    version: str
    host: str
    capability: str
    state: str
    why: str


@dataclass(frozen=True, slots=True, kw_only=True)
class MatrixDifference:
    """Everything that changed, the worst first, then by plugin, capability, version and host."""

    old: MatrixSide
    new: MatrixSide
    changes: tuple[CellMove, ...]
    stale: tuple[StaleCell, ...]
    unchanged: int
    compared: int
    """How many cells of the new matrix have one in the old matrix to be held against."""
    remarks: tuple[str, ...] = ()
    """What else differs, and may be the reason."""
    is_partial: bool = False
    """Whether the new matrix lacks something that the old one did not lack (a plugin or document
    that cannot be read, a run that ended without one), or no cell was compared."""

    def of_trend(self, trend: Trend) -> tuple[CellMove, ...]:
        """The changes of one direction, in order."""
        return tuple(change for change in self.changes if change.trend is trend)
