"""A run, folded from the record of a suite."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace

from hwcheck.capabilities.fold import fold
from hwcheck.errors import RunError
from hwcheck.model.capability import Capability, MemberReading
from hwcheck.model.contract import Contract, Profile
from hwcheck.model.effect import Effect
from hwcheck.model.outcome import Outcome, OutcomeState
from hwcheck.model.pairs import PairPlan
from hwcheck.model.patch import Patch
from hwcheck.model.record import Heading, RecordLine
from hwcheck.model.run import ChildSummary, Environment, ProfileResult, Run, Verdict
from hwcheck.model.served import EngineSeen
from hwcheck.model.waiver import WaiverUse
from hwcheck.observe.conditions import PAIRS
from hwcheck.run.suite import SuiteEnd
from hwcheck.waivers.apply import Situation, WaiverBook, apply_waivers

__all__ = ["assemble", "profile_results"]

_WORST_FIRST = (
    OutcomeState.BROKEN,
    OutcomeState.HARNESS_ERROR,
    OutcomeState.FLAKY,
    OutcomeState.WAIVED,
    OutcomeState.NOT_MEASURED,
    OutcomeState.NOT_APPLICABLE,
    OutcomeState.PASSED,
)
#: pytest came to its end: all passed, or some failed.
_WHOLE = frozenset({0, 1})


@dataclass(slots=True)
class _Gathered:
    heading: Heading | None = None
    contracts: dict[str, Contract] = field(default_factory=dict)
    outcomes: dict[str, Outcome] = field(default_factory=dict)
    children: list[ChildSummary] = field(default_factory=list)
    readings: list[MemberReading] = field(default_factory=list)
    effects: list[Effect] = field(default_factory=list)
    patches: list[Patch] = field(default_factory=list)
    engines: list[EngineSeen] = field(default_factory=list)
    pairs: PairPlan | None = None
    torch: str | None = None
    python: str | None = None
    stubbed: tuple[str, ...] | None = None
    finished: int | None = None
    unreported: int = 0

    def take(self, line: RecordLine) -> None:
        self.heading = line.heading or self.heading
        self.pairs = line.pairs or self.pairs
        self.torch = line.torch or self.torch
        self.python = line.python or self.python
        if line.stubbed is not None:
            self.stubbed = line.stubbed
        if line.contract is not None:
            self.contracts[line.contract.id] = line.contract
        if line.outcome is not None:
            self._keep_worst(line.outcome)
        if line.child is not None:
            self.children.append(line.child)
        if line.reading is not None:
            self.readings.append(line.reading)
        if line.effect is not None:
            self.effects.append(line.effect)
        if line.patch is not None:
            self.patches.append(line.patch)
        if line.engine is not None:
            self.engines.append(line.engine)
        if line.finished is not None:
            self.finished = line.finished
            self.unreported = line.unreported

    def _keep_worst(self, outcome: Outcome) -> None:
        # The end of a test can fail after the test itself has passed.
        known = self.outcomes.get(outcome.id)
        if known is None or _WORST_FIRST.index(outcome.state) < _WORST_FIRST.index(known.state):
            self.outcomes[outcome.id] = outcome


def assemble(
    end: SuiteEnd,
    *,
    capabilities: Sequence[Capability],
    environment: Environment,
    started: str,
    seconds: float,
    command: str,
    selection: Sequence[str] = (),
    waivers: WaiverBook | None = None,
    resumed: tuple[str, ...] = (),
) -> Run:
    """Fold what a suite recorded into a run; what is missing is said in the run.

    With a `selection` of contracts no profile is kept, only part of it is. What `waivers` cover
    is waived before anything is concluded.

    Raises RunError: the suite recorded nothing at all.
    """
    gathered = _Gathered()
    for line in end.lines:
        gathered.take(line)
    heading = gathered.heading
    if heading is None:
        why = "it was interrupted before it began" if end.interrupted else end.output.strip()
        raise RunError(f"the conformance suite did not start\n  {why or 'it said nothing'}")
    contracts = tuple(sorted(gathered.contracts.values(), key=lambda item: (item.profile, item.id)))
    interruption = _interruption(end, gathered, heading)
    outcomes, uses = _waived(
        _ordered(gathered.outcomes.values(), contracts),
        gathered,
        waivers,
        is_complete=interruption is None,
    )
    return Run(
        plugin=heading.plugin,
        host=heading.host,
        environment=replace(
            environment, torch=gathered.torch, python=gathered.python or environment.python
        ),
        started=started,
        seconds=round(seconds, 1),
        complete=interruption is None,
        interruption=interruption,
        contracts=contracts,
        outcomes=outcomes,
        profiles=profile_results(
            contracts, outcomes, is_complete=interruption is None and not selection
        ),
        capabilities=tuple(capabilities),
        standings=fold(capabilities, gathered.readings, outcomes, gathered.engines, gathered.pairs),
        readings=tuple(sorted(gathered.readings, key=lambda item: item.name)),
        problems=heading.problems,
        children=tuple(sorted(gathered.children, key=lambda item: item.name)),
        effects=tuple(sorted(gathered.effects, key=lambda item: (item.kind, item.subject))),
        patches=tuple(sorted(gathered.patches, key=lambda item: item.target)),
        engines=tuple(gathered.engines),
        pairs=gathered.pairs,
        selection=tuple(selection),
        command=command,
        resumed=resumed,
        stubbed=gathered.stubbed,
        waivers=uses,
    )


def _waived(
    outcomes: tuple[Outcome, ...],
    gathered: _Gathered,
    book: WaiverBook | None,
    *,
    is_complete: bool,
) -> tuple[tuple[Outcome, ...], tuple[WaiverUse, ...]]:
    heading = gathered.heading
    if book is None or heading is None:
        return outcomes, ()
    devices = [item.text for item in gathered.readings if item.name == "device_type"]
    situation = Situation(
        host="" if heading.host is None else heading.host.version,
        device=next(iter(devices), ""),
        known=frozenset(heading.known),
        # What was cut short has not said of any contract that it passes.
        whole=frozenset(heading.whole) if is_complete else frozenset(),
    )
    return apply_waivers(outcomes, book, situation)


def _ordered(outcomes: Iterable[Outcome], contracts: Sequence[Contract]) -> tuple[Outcome, ...]:
    places = {contract.id: place for place, contract in enumerate(contracts)}
    return tuple(
        sorted(outcomes, key=lambda item: (places[item.contract], item.contract, item.case or ""))
    )


def _interruption(end: SuiteEnd, gathered: _Gathered, heading: Heading) -> str | None:
    if end.interrupted:
        return "interrupted by the user"
    if gathered.finished is None:
        return f"the suite's pytest ended in the middle (exit code {end.exit_code})"
    if gathered.finished not in _WHOLE:
        return f"the suite's pytest ended with exit code {gathered.finished}: {_last(end.output)}"
    if gathered.unreported:
        return f"{gathered.unreported} of {heading.cases} tests have no outcome"
    return None


def _last(output: str) -> str:
    lines = [line for line in output.splitlines() if line.strip()]
    return lines[-1] if lines else "it said nothing"


def profile_results(
    contracts: Sequence[Contract], outcomes: Sequence[Outcome], *, is_complete: bool
) -> tuple[ProfileResult, ...]:
    """Count the outcomes of each profile, and say what they mean for it.

    What is combined belongs to no profile: those are about each ability by itself.
    """
    profile_of = {item.id: item.profile for item in contracts if item.group != PAIRS}
    return tuple(
        _profile(
            profile,
            [item for item in outcomes if profile_of.get(item.contract) is profile],
            is_complete=is_complete,
        )
        for profile in Profile
        if profile in profile_of.values()
    )


def _profile(profile: Profile, outcomes: Sequence[Outcome], *, is_complete: bool) -> ProfileResult:
    count = {state: sum(item.state is state for item in outcomes) for state in OutcomeState}
    missing = sum(item.is_missing for item in outcomes)
    return ProfileResult(
        profile=profile,
        verdict=_verdict(count, missing, is_complete=is_complete),
        passed=count[OutcomeState.PASSED],
        broken=count[OutcomeState.BROKEN],
        not_applicable=count[OutcomeState.NOT_APPLICABLE],
        not_measured=count[OutcomeState.NOT_MEASURED],
        harness_errors=count[OutcomeState.HARNESS_ERROR],
        waived=count[OutcomeState.WAIVED],
        flaky=count[OutcomeState.FLAKY],
    )


def _verdict(count: dict[OutcomeState, int], missing: int, *, is_complete: bool) -> Verdict:
    if count[OutcomeState.BROKEN]:
        return Verdict.BROKEN
    if count[OutcomeState.FLAKY]:
        return Verdict.FLAKY
    if not count[OutcomeState.PASSED] and not count[OutcomeState.WAIVED]:
        return Verdict.NOT_MEASURED
    if missing or not is_complete:
        return Verdict.PARTIAL
    return Verdict.WAIVED if count[OutcomeState.WAIVED] else Verdict.KEPT
