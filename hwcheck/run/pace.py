"""How far a run has come, and how long it is going to take: known from earlier runs, or guessed."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from hwcheck.model.record import RecordLine
from hwcheck.model.run_plan import RunPlan
from hwcheck.observe.following import StepNews

__all__ = ["Durations", "Pace", "measured"]

#: Seconds of a child without its examinations: what is guessed on two cores until it is known.
_CHILDREN = {"active": 12.0, "staged": 8.0, "life": 20.0, "install": 3.0}
_CHILD = 11.0
_START = 3.0
_SERVER = 40.0
_CONTRACT = 0.4
_CONTRACTS = {
    "engine.restart": 2.0,
    "generate.volume": 5.0,
    "sampling.temperature": 6.0,
    "sampling.top-k": 5.0,
    "sampling.top-p": 5.0,
    "sampling.min-p": 5.0,
    "scheduling.preemption": 3.0,
    "server.disconnect": 5.0,
}
_USUAL = ("active", "staged")


@dataclass(frozen=True, slots=True, kw_only=True)
class Durations:
    """What an earlier run took, in seconds."""

    contracts: Mapping[str, float] = field(default_factory=dict)
    """For the examination of each contract, the start of its engine included."""
    children: Mapping[str, float] = field(default_factory=dict)
    """For each child, its examinations left aside."""


class Pace:
    """Counts what is done; what it expects stays the same from the plan on."""

    def __init__(self, known: Durations, processors: int) -> None:
        self._known = known
        self._processors = processors
        self._seconds: dict[str, float] = {}
        self._begun: dict[str, str] = {}
        self._died: set[str] = set()
        self._wanted: frozenset[str] = frozenset()
        self.now: str | None = None
        """The contract that is examined, of the last child that said so."""
        self.expected: float | None = None
        """Seconds for all; ``None`` before there is a plan."""

    @property
    def done(self) -> int:
        """How many contracts have been examined."""
        return len(self._seconds.keys() | self._died)

    @property
    def total(self) -> int:
        """How many contracts are examined in all."""
        return len(self._wanted)

    @property
    def seconds(self) -> Mapping[str, float]:
        """What each contract took that has been examined to its end."""
        return self._seconds

    def plan(self, plan: RunPlan) -> None:
        """Take what the run is going to do."""
        self._wanted = frozenset(id_ for _, ids in plan.examinations for id_ in ids)
        self.expected = _expected(plan, self._known, self._processors)

    def take(self, news: Iterable[StepNews]) -> None:
        """Take what the children have said."""
        for item in news:
            if item.contract is not None and item.seconds is None:
                self.now = f"{item.contract} (vLLM's own)" if item.of_host else item.contract
            if item.contract is None or item.of_host:
                continue
            before = self._begun.pop(item.child, item.contract)
            if before != item.contract:
                # The child died in it, and goes on with the next.
                self._died.add(before)
            if item.seconds is None:
                self._begun[item.child] = item.contract
            else:
                self._seconds[item.contract] = item.seconds


def measured(
    lines: Iterable[RecordLine], contracts: Mapping[str, float], plan: RunPlan
) -> Durations:
    """Gather what a run took, for the next one."""
    children = {item.child.name: item.child.seconds for item in lines if item.child is not None}
    examined = {
        child: sum(contracts.get(id_, 0.0) for id_ in ids) for child, ids in plan.examinations
    }
    return Durations(
        contracts=dict(contracts),
        children={
            name: max(0.0, seconds - examined.get(name, 0.0)) for name, seconds in children.items()
        },
    )


def _expected(plan: RunPlan, known: Durations, processors: int) -> float:
    guessed = _guessed_starts(plan)
    children = {name: known.children.get(name, _CHILDREN[name]) for name in _USUAL}
    for child, ids in plan.examinations:
        children[child] = known.children.get(child, _CHILDREN.get(child, _CHILD)) + sum(
            known.contracts.get(id_, _CONTRACTS.get(id_, _CONTRACT) + guessed.get(id_, 0.0))
            for id_ in ids
        )
    # A few run at a time; the longest decides where there are processors for all.
    return max(*children.values(), sum(children.values()) / max(2, processors))


def _guessed_starts(plan: RunPlan) -> dict[str, float]:
    """What the starts cost the first contract that wants each of them."""
    found: dict[str, float] = {}
    for start in () if plan.engines is None else plan.engines.starts:
        first = start.contracts[0]
        cost = _SERVER if first.startswith("server.") else _START
        found[first] = found.get(first, 0.0) + cost
    return found
