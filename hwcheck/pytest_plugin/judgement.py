"""The verdicts on contracts that a child examined by itself, case by case."""

from collections.abc import Iterable
from dataclasses import replace
from typing import NoReturn

from hwcheck.model.contract import Contract
from hwcheck.model.examination import CaseState, Examined, ExaminedCase
from hwcheck.model.observation import StepName, StepState
from hwcheck.model.outcome import Cause, Outcome, OutcomeState
from hwcheck.pytest_plugin.evidence import Evidence
from hwcheck.pytest_plugin.verdicts import (
    Cases,
    HarnessFault,
    broken,
    not_applicable,
    not_measured,
)

__all__ = ["conclude", "excused", "judge", "raise_cases"]

_STATES = {
    CaseState.KEPT: OutcomeState.PASSED,
    CaseState.BROKEN: OutcomeState.BROKEN,
    CaseState.NOT_APPLICABLE: OutcomeState.NOT_APPLICABLE,
    CaseState.NOT_MEASURED: OutcomeState.NOT_MEASURED,
}


def judge(evidence: Evidence, contract: Contract) -> None:
    """Give each case of an examined contract its outcome.

    Raises Cases: always, unless the contract could not be examined. Broken, NotMeasured,
    NotApplicable, HarnessFault: it could not.
    """
    if not evidence.control:
        evidence.require_activation()
    step = evidence.child(contract.examined_in).step(StepName.EXAMINE, contract.id)
    if step.state is StepState.RAISED and step.raised is not None and not step.raised.in_plugin:
        _fail(contract, f"{step.raised.type}: {step.raised.message}", step.raised.trace)
    examined = evidence.judged(contract.examined_in, StepName.EXAMINE, contract.id, Examined)
    if not examined.cases:
        not_applicable("the plugin has nothing that this contract is about")
    raise_cases(contract, examined.cases)


def raise_cases(contract: Contract, cases: Iterable[ExaminedCase]) -> NoReturn:
    """Give the cases of a contract their outcomes.

    Raises Cases: always.
    """
    raise Cases(tuple(_outcome(contract, case) for case in cases))


def excused(outcomes: tuple[Outcome, ...], control: tuple[Outcome, ...]) -> tuple[Outcome, ...]:
    """Take back what the host's own platform breaks in the same cases."""
    broken = {item.case: item for item in control if item.state is OutcomeState.BROKEN}
    return tuple(
        replace(
            item,
            state=OutcomeState.NOT_MEASURED,
            cause=Cause.HOST_AS_WELL,
            reason=f"the host's own platform breaks it as well ({broken[item.case].reason}); "
            f"here: {item.reason}",
            place=None,
        )
        if item.state is OutcomeState.BROKEN and item.case in broken
        else item
        for item in outcomes
    )


def conclude(outcomes: tuple[Outcome, ...]) -> None:
    """End a test whose cases came out so.

    Raises Broken: one is broken. NotMeasured: one was not measured, and none is broken.
    NotApplicable: none applies.
    """
    by_state: dict[OutcomeState, list[Outcome]] = {}
    for outcome in outcomes:
        by_state.setdefault(outcome.state, []).append(outcome)
    if found := by_state.get(OutcomeState.BROKEN):
        broken("\n".join(map(told, found)), place=found[0].place)
    if found := by_state.get(OutcomeState.NOT_MEASURED):
        not_measured("; ".join(item.reason or item.id for item in found))
    if OutcomeState.PASSED not in by_state:
        not_applicable("; ".join(item.reason or item.id for item in outcomes))


def told(outcome: Outcome) -> str:
    """One case as pytest shows it."""
    example = f" (example: {outcome.example})" if outcome.example else ""
    return f"{outcome.id}: {outcome.reason or outcome.state}{example}"


def _fail(contract: Contract, what: str, trace: tuple[str, ...]) -> NoReturn:
    where = f" at {trace[-1]}" if trace else ""
    raise HarnessFault(f"examining {contract.id} failed: {what}{where}")


def _outcome(contract: Contract, case: ExaminedCase) -> Outcome:
    state = _STATES[case.state]
    return Outcome(
        contract=contract.id,
        case=case.name or None,
        state=state,
        cause=_cause(state, case),
        reason=case.reason,
        place=case.place,
        blocked_by=case.blocked_by,
        example=case.example,
        figures=case.figures,
        refusal=case.refusal,
    )


def _cause(state: OutcomeState, case: ExaminedCase) -> Cause | None:
    if state is OutcomeState.BROKEN:
        return Cause.VIOLATED
    if state is OutcomeState.NOT_MEASURED:
        return Cause.NO_DEVICE if case.needs_device else Cause.BLOCKED
    return None
