"""Pairs of what the tests before have demonstrated: the plan, its child, and the verdicts."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

import pytest

from hwcheck.capabilities.builtin import hwcheck_capabilities
from hwcheck.capabilities.claims import Declaration
from hwcheck.capabilities.evidence import index_outcomes, weigh
from hwcheck.exercise.serving.pairs.cover import planned
from hwcheck.exercise.serving.pairs.partners import PARTNERS
from hwcheck.model.contract import Contract
from hwcheck.model.examination import CaseState, Examined, ExaminedCase
from hwcheck.model.observation import Observation, Step, StepName, StepState
from hwcheck.model.outcome import Outcome, OutcomeState
from hwcheck.model.pairs import PAIRS_CONTRACT, PairPlan, PlannedEngine, pair_name, partners_of
from hwcheck.model.record import RecordLine
from hwcheck.observe.conditions import PAIRS
from hwcheck.observe.observe import observe
from hwcheck.pytest_plugin.evidence import Evidence
from hwcheck.pytest_plugin.fixtures import PAIRED, PLAN, kept_observation, subject_of
from hwcheck.pytest_plugin.judgement import judge, raise_cases
from hwcheck.pytest_plugin.options import read_settings
from hwcheck.pytest_plugin.selection import contract_of
from hwcheck.pytest_plugin.verdicts import (
    Broken,
    Cases,
    HarnessFault,
    NotApplicable,
    NotMeasured,
    not_applicable,
    not_measured,
)

__all__ = ["Paired", "demonstrated", "judge_any", "judge_pairs", "paired"]

_SERVING = "serving"
_RECORDER = "hwcheck-recorder"
_UNCLAIMED = Declaration(held=(), denied=(), unread=())


@dataclass(frozen=True, slots=True, kw_only=True)
class Paired:
    """What the child saw that judges pairs, and what it was asked for."""

    evidence: Evidence
    plan: PairPlan


@pytest.fixture(scope="session")
def paired(evidence: Evidence, request: pytest.FixtureRequest) -> Paired:
    """The pairs of what was demonstrated; the plan is told before its engines are started."""
    config = request.config
    # What was planned elsewhere is kept.
    plan = config.stash.setdefault(PLAN, _plan(request.session, evidence))
    recorder = config.pluginmanager.get_plugin(_RECORDER)
    if recorder is not None:
        recorder.note(RecordLine(pairs=plan))
    if not plan.engines:
        return Paired(evidence=evidence, plan=plan)
    seen = kept_observation(
        config,
        PAIRED,
        lambda folder: observe(subject_of(request.session, folder, PAIRS)),
    )
    together = Observation(children=(*evidence.observation.children, *seen.children))
    return Paired(evidence=replace(evidence, observation=together), plan=plan)


def _plan(session: pytest.Session, evidence: Evidence) -> PairPlan:
    contracts = [contract_of(item) for item in session.items]
    shown = demonstrated(evidence, [item for item in contracts if item is not None])
    return planned(shown, read_settings(session.config).conditions.most_engines)


def demonstrated(evidence: Evidence, contracts: Sequence[Contract]) -> tuple[str, ...]:
    """Find what can be combined: whatever an engine has shown by itself."""
    outcomes: list[Outcome] = []
    for contract in contracts:
        if contract.examined_in == _SERVING:
            outcomes += _outcomes(evidence, contract)
    shown_by = {item.id: item.shown_by for item in hwcheck_capabilities()}
    shown = index_outcomes(outcomes)
    return tuple(
        sorted(
            partner.id
            for partner in PARTNERS.values()
            if weigh(
                partner.shown_by or shown_by.get(partner.id, ()), _UNCLAIMED, shown
            ).is_complete
        )
    )


def judge_pairs(pairs: Paired, contract: Contract) -> None:
    """Give each pair of the plan its outcome.

    Raises Cases: always, unless there are no pairs or they could not be looked at. NotMeasured,
    NotApplicable, HarnessFault: that.
    """
    if len(pairs.plan.partners) < 2:
        found = ", ".join(pairs.plan.partners) or "nothing"
        not_applicable(f"{found} was demonstrated that could be combined, and a pair takes two")
    _judge(pairs.evidence, contract, pairs.plan)


def judge_any(evidence: Evidence, contract: Contract, config: pytest.Config) -> None:
    """Judge a contract that a child examined, one of pairs or another.

    Raises Cases: always, unless it could not be examined. Broken, NotMeasured, NotApplicable,
    HarnessFault: it could not.
    """
    if contract.group == PAIRS:
        _judge(evidence, contract, config.stash[PLAN])
    judge(evidence, contract)


def _judge(evidence: Evidence, contract: Contract, plan: PairPlan) -> None:
    if not evidence.control:
        evidence.require_activation()
    cases = [case for number in range(len(plan.engines)) for case in _cases(evidence, plan, number)]
    if not cases:
        not_measured(f"no engine was planned for {', '.join(plan.left)}")
    raise_cases(contract, _unexplained(cases))


def _unexplained(cases: Sequence[ExaminedCase]) -> Iterator[ExaminedCase]:
    """Leave out failures of more than two of which a pair is broken by itself."""
    pairs = [
        frozenset(partners_of(case.name))
        for case in cases
        if case.state is CaseState.BROKEN and len(partners_of(case.name)) == 2
    ]
    for case in cases:
        together = set(partners_of(case.name))
        if len(together) == 2 or not any(pair < together for pair in pairs):
            yield case


def _cases(evidence: Evidence, plan: PairPlan, number: int) -> Iterator[ExaminedCase]:
    """The cases of one engine; where it did not come to its end, which of them is not known."""
    engine = plan.engines[number]
    child = evidence.child(PAIRS)
    step = child.step(StepName.EXAMINE, f"{PAIRS_CONTRACT}/{number}")
    if isinstance(step.answer, Examined):
        yield from step.answer.cases
        return
    whole = pair_name(*engine.settings, *engine.kinds)
    reason = _ended(step, child.ended)
    is_fault = step.state is StepState.RAISED and step.raised and not step.raised.in_plugin
    if is_fault:
        raise HarnessFault(f"examining {whole} failed: {reason}")
    if step.state is not StepState.NOT_REACHED:
        yield ExaminedCase(name=whole, state=CaseState.BROKEN, reason=reason)
    yield from _unmeasured(engine, f"with {whole}: {reason}")


def _unmeasured(engine: PlannedEngine, reason: str) -> Iterator[ExaminedCase]:
    for pair in engine.pairs:
        yield ExaminedCase(name=pair, state=CaseState.NOT_MEASURED, reason=reason)


def _ended(step: Step, ended: str) -> str:
    match step.state:
        case StepState.RAISED if step.raised is not None:
            return f"{step.raised.type}: {step.raised.message}"
        case StepState.DIED:
            return f"the process {step.death.ended if step.death else ended}"
        case _:
            return f"the engine was not started: the child {ended or 'did not start'}"


def _outcomes(evidence: Evidence, contract: Contract) -> Sequence[Outcome]:
    try:
        judge(evidence, contract)
    except Cases as cases:
        return cases.outcomes
    except Broken as fault:
        state = OutcomeState.BROKEN
        return [Outcome(contract=contract.id, case=None, state=state, reason=fault.reason)]
    except (HarnessFault, NotApplicable, NotMeasured):
        return []
    return []
