"""The one line that says what raised a capability to its rung, and what kept it from the next."""

from hwcheck.capabilities.claims import Declaration
from hwcheck.capabilities.evidence import Evidence, Proof
from hwcheck.model.capability import Capability, Claim, ClaimTest, Rung
from hwcheck.model.outcome import Outcome, OutcomeState

__all__ = ["explain", "explain_closed"]


def explain_closed(capability: Capability) -> str:
    """Say that vLLM keeps a capability to its own platforms, and how."""
    return _sentence("vLLM does not open it to plugins", capability.note)


def explain(
    capability: Capability,
    declaration: Declaration,
    rung: Rung,
    proof: Proof,
) -> str:
    """Say what was declared, resolved, constructed and shown, up to the first step that failed."""
    resolved, constructed = proof.resolved, proof.constructed
    parts = [_declared(capability, declaration)]
    if rung >= Rung.E4:
        return "; ".join([*parts, "demonstrated"])
    # What was tried and did not come off is always told.
    failed = _problem(proof.shown) if proof.shown.broken or proof.shown.unmeasured else None
    tried = [f"not demonstrated: {failed}"] if failed else []
    if rung < Rung.E2:
        if declaration.is_made or declaration.unread or not capability.claims:
            parts += tried or _lacks(capability, resolved, constructed)
        return "; ".join(parts)
    parts.append("resolved")
    if rung >= Rung.E3:
        parts.append("constructed")
    elif constructed.is_complete and constructed.is_stubbed:
        parts.append("constructed with stand-ins for the vendor's modules only")
    elif capability.constructed_by:
        parts.append(f"not constructed: {_problem(constructed) or 'nothing was checked'}")
    else:
        parts.append("no contract constructs it yet")
    return "; ".join(parts + tried)


def _lacks(capability: Capability, resolved: Evidence, constructed: Evidence) -> list[str]:
    told = []
    if capability.resolved_by and (problem := _problem(resolved)):
        told.append(f"not resolved: {problem}")
    # What is broken is always told; what merely did not run, only for the next rung.
    if (constructed.broken or not capability.resolved_by) and (problem := _problem(constructed)):
        told.append(f"not constructed: {problem}")
    return told or ["no contract shows more of it yet"]


def _declared(capability: Capability, declaration: Declaration) -> str:
    if declaration.is_made:
        return f"declared by {_members(declaration.held)}"
    if declaration.unread:
        return f"not known whether declared: {_members(declaration.unread)} not read"
    if not capability.claims:
        return "no member of the platform declares it"
    denials = ", ".join(sorted(_denial(claim) for claim in declaration.denied))
    return f"not declared: {denials}"


def _members(claims: tuple[Claim, ...]) -> str:
    return ", ".join(sorted({claim.member for claim in claims}))


def _denial(claim: Claim) -> str:
    match claim.test:
        case ClaimTest.OVERRIDDEN:
            return f"{claim.member} is inherited"
        case ClaimTest.TRUE:
            return f"{claim.member} is false"
        case ClaimTest.NON_EMPTY:
            return f"{claim.member} is empty"
        case ClaimTest.CONTAINS:
            return f"{claim.member} has no {claim.operand}"


def _problem(evidence: Evidence) -> str | None:
    problems = [_told(item) for item in (*evidence.broken, *evidence.unmeasured)]
    problems += [f"{id_} did not run" for id_ in evidence.missing]
    problems += [_told(item) for item in evidence.inapplicable]
    if not problems:
        return None
    more = f" (and {len(problems) - 1} more)" if len(problems) > 1 else ""
    return problems[0] + more


def _told(outcome: Outcome) -> str:
    match outcome.state:
        case OutcomeState.BROKEN:
            head = f"{outcome.id} is broken"
        case OutcomeState.FLAKY:
            head = f"{outcome.id} is flaky"
        case OutcomeState.WAIVED:
            head = f"{outcome.id} is waived"
        case OutcomeState.HARNESS_ERROR:
            head = f"hwcheck could not check {outcome.id}"
        case OutcomeState.NOT_APPLICABLE:
            head = f"{outcome.id} does not apply"
        case _:
            head = f"{outcome.id} was not measured"
    blocked = f"blocked by {outcome.blocked_by}" if outcome.blocked_by else ""
    return _sentence(head, outcome.reason or blocked)


def _sentence(head: str, detail: str) -> str:
    return f"{head}: {' '.join(detail.split()).rstrip('.')}" if detail else head
