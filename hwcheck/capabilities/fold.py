"""The fold of claims and outcomes into rungs of the evidence ladder, with their marks."""

from collections.abc import Mapping, Sequence

from hwcheck.capabilities.claims import Declaration, read_claims
from hwcheck.capabilities.combination import combine
from hwcheck.capabilities.evidence import Proof, index_outcomes, weigh
from hwcheck.capabilities.origin import origin_of
from hwcheck.capabilities.why import explain, explain_closed
from hwcheck.model.capability import Capability, Mark, MemberReading, Rung, Standing
from hwcheck.model.outcome import Outcome, OutcomeState, Refusal
from hwcheck.model.pairs import PairPlan
from hwcheck.model.served import EngineSeen

__all__ = ["fold"]

_CLOSED = "closed"
#: The worse first.
_FAILED = {OutcomeState.FLAKY: Mark.FLAKY, OutcomeState.WAIVED: Mark.WAIVED}
#: The contract that asks for each capability in a configuration; its cases are their ids.
_REFUSALS = "refusal.configuration"


def fold(
    capabilities: Sequence[Capability],
    readings: Sequence[MemberReading],
    outcomes: Sequence[Outcome],
    engines: Sequence[EngineSeen] = (),
    plan: PairPlan | None = None,
) -> tuple[Standing, ...]:
    """Find the rung of each capability, sorted by id.

    Pure; the order of the arguments' items does not matter. Only passed outcomes raise a rung,
    only broken ones speak against a claim, and what was not executed does neither.
    """
    said = {reading.name: reading for reading in sorted(readings, key=repr)}
    shown = index_outcomes(outcomes)
    return tuple(
        _standing(capability, said, shown, engines, plan)
        for capability in sorted(capabilities, key=lambda item: item.id)
    )


def _standing(
    capability: Capability,
    readings: Mapping[str, MemberReading],
    outcomes: Mapping[str, Outcome],
    engines: Sequence[EngineSeen],
    plan: PairPlan | None,
) -> Standing:
    if capability.gate == _CLOSED:
        return Standing(
            capability=capability.id,
            rung=Rung.E0,
            marks=(Mark.NOT_APPLICABLE,),
            why=explain_closed(capability),
        )
    declaration = read_claims(capability.claims, readings)
    proof = Proof(
        resolved=weigh(capability.resolved_by, declaration, outcomes),
        constructed=weigh(capability.constructed_by, declaration, outcomes),
        shown=weigh(capability.shown_by, declaration, outcomes),
    )
    rung = _rung(capability, declaration, proof)
    refusal = _refusal(capability, outcomes)
    is_denied = declaration.is_made and refusal in (Refusal.CLEAN, Refusal.CRASHED)
    if is_denied:
        # What it refuses when it is asked for is no more than a claim, whatever can be built.
        rung = min(rung, Rung.E1)
    marks = _marks(capability, declaration, rung, proof)
    if is_denied and Mark.CONTRADICTED not in marks:
        marks = (Mark.CONTRADICTED, *marks)
    combined = combine(capability.id, outcomes, plan) if rung >= Rung.E4 else None
    if combined is not None and combined.is_complete:
        rung = Rung.E5
    if rung >= Rung.E4 and (origin := origin_of(capability.runs_on, engines)) is not None:
        marks = (origin, *marks)
    return Standing(
        capability=capability.id,
        rung=rung,
        marks=marks if refusal is None else (*marks, Mark(refusal.value)),
        why=explain(capability, declaration, rung, proof)
        + (f"; {combined.words}" if combined else "")
        + (f"; asked for, it is {refusal}" if refusal else ""),
        evidence=(*proof.counted, *(combined.counted if combined else ())),
    )


def _refusal(capability: Capability, outcomes: Mapping[str, Outcome]) -> Refusal | None:
    outcome = outcomes.get(f"{_REFUSALS}[{capability.id}]")
    return None if outcome is None else outcome.refusal


def _rung(capability: Capability, declaration: Declaration, proof: Proof) -> Rung:
    resolved, constructed, shown = proof.resolved, proof.constructed, proof.shown
    # What ran was resolved and constructed on the way: where those contracts were not run, it
    # counts for them too, and where one of them is broken or was not measured, it does not.
    is_carried = not resolved.is_against and not constructed.is_against
    if shown.is_complete and is_carried:
        return Rung.E2 if shown.is_stubbed else Rung.E4
    # What was constructed was resolved on the way, so where a capability names no evidence for
    # E2 of its own, that for E3 counts for both. Where it names some, a rung stands on all below.
    stands = resolved.is_complete or not capability.resolved_by
    if stands and constructed.is_complete:
        # With stand-ins in the place of the vendor's libraries, nothing real was constructed.
        return Rung.E2 if constructed.is_stubbed else Rung.E3
    if resolved.is_complete:
        return Rung.E2
    return Rung.E1 if declaration.is_made else Rung.E0


def _marks(
    capability: Capability, declaration: Declaration, rung: Rung, proof: Proof
) -> tuple[Mark, ...]:
    marks = []
    failed = {outcome.state for item in proof.rungs for outcome in item.broken}
    broken = bool(failed)
    if declaration.is_made and OutcomeState.BROKEN in failed:
        marks.append(Mark.CONTRADICTED)
    # Only the worst is told: what is agreed on must not hide what is not.
    if OutcomeState.BROKEN not in failed:
        marks += [mark for state, mark in _FAILED.items() if state in failed][:1]
    if not declaration.is_made and declaration.is_known:
        if rung > Rung.E0:
            marks.append(Mark.UNDECLARED)
        elif capability.claims:
            marks.append(Mark.NOT_DECLARED)
    if not declaration.is_known or (
        not broken and Mark.NOT_DECLARED not in marks and _awaits(capability, proof)
    ):
        marks.append(Mark.NOT_MEASURED)
    return tuple(marks)


def _awaits(capability: Capability, proof: Proof) -> bool:
    if not (capability.claims or capability.resolved_by or capability.constructed_by):
        return not proof.shown.is_complete
    return proof.resolved.has_gaps or proof.constructed.has_gaps
