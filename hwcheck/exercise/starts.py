"""What examinations say beforehand of the engines that they want, and the plan that follows."""

from collections.abc import Iterable
from dataclasses import dataclass, replace

from hwcheck.exercise.bench import Bench, Examination
from hwcheck.exercise.catalogue import examinations_of
from hwcheck.model.examination import ExaminedCase
from hwcheck.model.run_plan import EnginePlan, PlannedStart

__all__ = ["Starting", "around", "planned_starts"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Starting:
    """An examination that says which engines it wants, one after the other."""

    examine: Examination
    wants: tuple[str, ...]
    """In words; contracts that want the same share it as long as it runs."""
    stops: bool = False
    """Whether it stops each of them itself."""

    def __call__(self, bench: Bench) -> Iterable[ExaminedCase]:
        """Judge the contract."""
        return self.examine(bench)


def around(examination: Examination, examine: Examination) -> Examination:
    """Make an examination that does something besides another one, and wants the same engines."""
    if isinstance(examination, Starting):
        return replace(examination, examine=examine)
    return examine


def planned_starts(child: str, contracts: Iterable[str]) -> EnginePlan:
    """Go through the examinations of a child as it does, and note when it starts an engine.

    Raises ImportError: what examinations import is not installed beside hwcheck.
    """
    known, wanted = examinations_of(child), set(contracts)
    starts: list[tuple[str, list[str]]] = []
    running: str | None = None
    untold = []
    for contract, examination in known.items():
        if contract not in wanted:
            continue
        if not isinstance(examination, Starting):
            untold.append(contract)
            continue
        for want in examination.wants:
            if want != running:
                starts.append((want, []))
            if contract not in starts[-1][1]:
                starts[-1][1].append(contract)
            running = None if examination.stops else want
    return EnginePlan(
        starts=tuple(PlannedStart(what=what, contracts=tuple(ids)) for what, ids in starts),
        untold=tuple(untold),
    )
