"""What one run shows of each capability, in the words that people are shown."""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from hwcheck.model.capability import Capability, Mark, Rung, Standing
from hwcheck.model.matrix_cells import CapabilityCell, CellCounts, CellState
from hwcheck.model.outcome import Outcome, OutcomeState
from hwcheck.model.run import Run

__all__ = ["Shown", "shown_by"]

_CLOSED = "closed"
_REFUSALS = "refusal.configuration"
_MOST_OUTCOMES = 40
_AGAINST_FIRST = (
    OutcomeState.BROKEN,
    OutcomeState.FLAKY,
    OutcomeState.WAIVED,
    OutcomeState.HARNESS_ERROR,
    OutcomeState.NOT_MEASURED,
    OutcomeState.PASSED,
    OutcomeState.NOT_APPLICABLE,
)
_LOOKED = frozenset(
    {OutcomeState.PASSED, OutcomeState.BROKEN, OutcomeState.FLAKY, OutcomeState.WAIVED}
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Shown:
    """A cell as one run fills it, with what decides between runs."""

    cell: CapabilityCell
    reach: int
    """How far it was looked: 3 demonstrated, 2 constructed, 1 resolved, 0 no contract ran."""
    verdicts: dict[str, OutcomeState]
    """By outcome id: those that passed or are broken."""

    @property
    def is_against(self) -> bool:
        """Whether it says that the capability does not work."""
        return self.cell.state is CellState.BROKEN


def shown_by(run: Run, run_id: str) -> Iterator[Shown]:
    """Fill the cells of one run, by capability; what is not known has none."""
    capabilities = {item.id: item for item in run.capabilities}
    for standing in sorted(run.standings, key=lambda item: item.capability):
        capability = capabilities.get(standing.capability)
        # What vLLM keeps to its own platforms says nothing about the plugin.
        if run.host is not None and capability is not None and capability.gate != _CLOSED:
            shown = _shown(run, run_id, standing, capability)
            if shown.cell.state is not CellState.UNKNOWN:
                yield shown


def _shown(run: Run, run_id: str, standing: Standing, capability: Capability) -> Shown:
    resolved, constructed, demonstrated = (
        _named(ids, run.outcomes)
        for ids in (capability.resolved_by, capability.constructed_by, capability.shown_by)
    )
    asked = _named((f"{_REFUSALS}[{capability.id}]",), run.outcomes)
    speaking = tuple({item.id: item for item in (*resolved, *constructed, *demonstrated)}.values())
    cell = CapabilityCell(
        plugin=run.plugin.name,
        version=run.plugin.version or "",
        host="" if run.host is None else run.host.version,
        capability=capability.id,
        state=_state(standing, (*speaking, *asked), demonstrated),
        rung=standing.rung,
        marks=standing.marks,
        why=standing.why,
        run=run_id,
        outcomes=_ids((*speaking, *asked)),
        counts=_counts(speaking),
    )
    reaches = ((3, demonstrated), (3, asked), (2, constructed), (1, resolved))
    return Shown(
        cell=cell,
        reach=max(
            (reach for reach, items in reaches if any(item.state in _LOOKED for item in items)),
            default=0,
        ),
        verdicts={item.id: item.state for item in (*speaking, *asked) if _speaks(item)},
    )


def _state(
    standing: Standing, speaking: Sequence[Outcome], demonstrated: Sequence[Outcome]
) -> CellState:
    marks = frozenset(standing.marks)
    if Mark.FLAKY in marks:
        return CellState.FLAKY
    if Mark.WAIVED in marks:
        return CellState.WAIVED
    if any(item.refusal and item.state is OutcomeState.BROKEN for item in speaking):
        # Asked for, it was left out without a word, or ended in a crash, and nothing excuses it.
        return CellState.BROKEN
    if Mark.REFUSED_CLEANLY in marks:
        return CellState.NO_REFUSED
    if Mark.NOT_DECLARED in marks:
        return CellState.NO_NOT_IMPLEMENTED
    if Mark.CONTRADICTED in marks or any(item.state is OutcomeState.BROKEN for item in speaking):
        return CellState.BROKEN
    if standing.rung >= Rung.E4:
        is_fallback = Mark.FALLBACK in marks
        return CellState.YES_FALLBACK if is_fallback else CellState.YES_NATIVE
    if any(item.state is OutcomeState.PASSED and not item.stubbed for item in demonstrated):
        return CellState.PARTIAL
    if standing.rung > Rung.E0 or Mark.NOT_MEASURED in marks or speaking:
        return CellState.NOT_MEASURED
    return CellState.UNKNOWN


def _named(ids: Sequence[str], outcomes: Sequence[Outcome]) -> tuple[Outcome, ...]:
    """The outcomes of some ids; ``contract[*]`` stands for all cases of a contract."""
    exact = frozenset(ids)
    whole = frozenset(id_.removesuffix("[*]") for id_ in ids if id_.endswith("[*]"))
    return tuple(item for item in outcomes if item.id in exact or item.contract in whole)


def _speaks(outcome: Outcome) -> bool:
    return outcome.state in (OutcomeState.PASSED, OutcomeState.BROKEN)


def _ids(outcomes: Sequence[Outcome]) -> tuple[str, ...]:
    ordered = sorted(outcomes, key=lambda item: (_AGAINST_FIRST.index(item.state), item.id))
    return tuple(dict.fromkeys(item.id for item in ordered))[:_MOST_OUTCOMES]


def _counts(outcomes: Sequence[Outcome]) -> CellCounts:
    found = Counter(item.state for item in outcomes)
    return CellCounts(
        passed=found[OutcomeState.PASSED],
        broken=found[OutcomeState.BROKEN],
        not_applicable=found[OutcomeState.NOT_APPLICABLE],
        not_measured=found[OutcomeState.NOT_MEASURED],
        harness_errors=found[OutcomeState.HARNESS_ERROR],
        flaky=found[OutcomeState.FLAKY],
        waived=found[OutcomeState.WAIVED],
    )
