"""The places of names in a matrix, by which cells name them."""

from dataclasses import dataclass

from hwcheck.model.capability import Mark
from hwcheck.model.matrix import Matrix, MatrixRun
from hwcheck.model.matrix_cells import CapabilityCell
from hwcheck.report.matrix_words import MARKS, STATES

__all__ = ["Places", "cell_marks"]

_MARK_BITS = {word.id: 1 << bit for bit, word in enumerate(MARKS)}
_STATES = {word.id: place for place, word in enumerate(STATES)}


@dataclass(frozen=True, slots=True, kw_only=True)
class Places:
    """From a name to its place."""

    hosts: dict[str, int]
    plugins: dict[str, int]
    releases: dict[tuple[str, str], int]
    """By plugin and version."""
    capabilities: dict[str, int]
    runs: dict[str, MatrixRun]

    @classmethod
    def of(cls, matrix: Matrix) -> "Places":
        """Number the names of a matrix."""
        return cls(
            hosts={host.version: place for place, host in enumerate(matrix.hosts)},
            plugins={plugin.name: place for place, plugin in enumerate(matrix.plugins)},
            releases={
                (plugin.name, release.version): place
                for plugin in matrix.plugins
                for place, release in enumerate(plugin.releases)
            },
            capabilities={item.id: place for place, item in enumerate(matrix.capabilities)},
            runs={run.id: run for run in matrix.runs},
        )

    def has(self, cell: CapabilityCell) -> bool:
        """Whether all that the cell is about is in the matrix."""
        return (
            cell.host in self.hosts
            and (cell.plugin, cell.version) in self.releases
            and cell.capability in self.capabilities
        )

    def row(self, cell: CapabilityCell) -> tuple[int, int, int, int]:
        """The numbers of capability, state, rung and marks."""
        flags = sum(_MARK_BITS[mark] for mark in cell_marks(cell, self.runs))
        return (self.capabilities[cell.capability], _STATES[cell.state], cell.rung.value, flags)


def cell_marks(cell: CapabilityCell, runs: dict[str, MatrixRun]) -> frozenset[Mark]:
    """The marks of a cell; it is stale when its run is."""
    run = runs.get(cell.run or "")
    stale = {Mark.STALE} if run is not None and run.stale is not None else set()
    return frozenset({*cell.marks, *stale})
