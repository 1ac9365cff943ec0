"""The fold of many runs into cells, by a stated rule.

Of several runs of one release of a plugin on one host, a capability is decided by the newest
among the complete ones that looked furthest (demonstrated before constructed before resolved). A
newer complete run that finds it broken decides however far it looked. An incomplete or stale run
decides only where there is no better one. Where runs with the same inputs saw a case both pass
and break, the capability is flaky.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from hwcheck.matrix.cells import Shown, shown_by
from hwcheck.matrix.documents import StoredRun
from hwcheck.model.capability import Mark
from hwcheck.model.matrix_cells import CapabilityCell, CellState
from hwcheck.model.outcome import OutcomeState
from hwcheck.model.run import Run

__all__ = ["Placed", "fold"]

Place = tuple[str, str, str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Placed:
    """A run with its place in the matrix."""

    stored: StoredRun
    plugin: str
    """The row's name."""
    host: str
    """The column."""
    stale: str | None

    @property
    def run(self) -> Run:
        """What was learned."""
        return self.stored.run

    @property
    def inputs(self) -> tuple[object, ...]:
        """What has to be equal for two runs to give the same."""
        run = self.run
        machine = run.environment
        devices = tuple(sorted({engine.device for engine in run.engines}))
        return (
            machine.hwcheck,
            machine.python,
            machine.torch,
            machine.system,
            machine.machine,
            run.stubbed is None,
            devices,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class _Candidate:
    placed: Placed
    shown: Shown

    @property
    def rank(self) -> tuple[object, ...]:
        """The higher, the more it counts."""
        run = self.placed.run
        return (
            run.complete,
            self.placed.stale is None,
            self.shown.reach,
            run.started,
            self.placed.stored.id,
        )

    @property
    def is_sound(self) -> bool:
        return self.placed.run.complete and self.placed.stale is None


def fold(runs: Sequence[Placed]) -> tuple[CapabilityCell, ...]:
    """Decide each cell; the order of the runs does not matter."""
    candidates: dict[Place, list[_Candidate]] = defaultdict(list)
    for placed in runs:
        for shown in shown_by(placed.run, placed.stored.id):
            cell = replace(shown.cell, plugin=placed.plugin, host=placed.host)
            key = (cell.plugin, cell.version, cell.host, cell.capability)
            candidates[key].append(_Candidate(placed=placed, shown=replace(shown, cell=cell)))
    return tuple(_decided(candidates[key]) for key in sorted(candidates))


def _decided(candidates: Sequence[_Candidate]) -> CapabilityCell:
    best = max(candidates, key=lambda item: item.rank)
    against = [
        item
        for item in candidates
        if item.shown.is_against
        and item.is_sound
        and item.placed.run.started > best.placed.run.started
    ]
    decider = max(against, key=lambda item: item.placed.run.started, default=best)
    cell = decider.shown.cell
    others = tuple(
        sorted(
            item.placed.stored.id
            for item in candidates
            if item is not decider and _disagrees(item.shown, decider.shown)
        )
    )
    if decider.placed.stale is not None:
        cell = replace(cell, marks=(*cell.marks, Mark.STALE))
    cell = replace(cell, disagreeing=others)
    flaky = _flaky(candidates)
    if flaky:
        told = f"the same inputs gave both: {', '.join(flaky[:3])}"
        cell = replace(cell, state=CellState.FLAKY, why=f"{told}; {cell.why}")
    return cell


def _disagrees(one: Shown, other: Shown) -> bool:
    """Whether two runs saw a case come out differently."""
    return any(one.verdicts.get(id_, state) != state for id_, state in other.verdicts.items())


def _flaky(candidates: Sequence[_Candidate]) -> tuple[str, ...]:
    """The ids of outcomes that both passed and broke with the same inputs."""
    seen: dict[tuple[object, ...], dict[str, set[OutcomeState]]] = defaultdict(
        lambda: defaultdict(set)
    )
    for item in candidates:
        if item.is_sound:
            _note(seen[item.placed.inputs], item.shown.verdicts)
    return tuple(
        sorted({id_ for cases in seen.values() for id_, states in cases.items() if len(states) > 1})
    )


def _note(cases: dict[str, set[OutcomeState]], verdicts: Mapping[str, OutcomeState]) -> None:
    for id_, state in verdicts.items():
        cases[id_].add(state)
