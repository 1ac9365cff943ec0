"""What the outcomes of a run show of one rung of one capability."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from hwcheck.capabilities.claims import Declaration
from hwcheck.model.outcome import Outcome, OutcomeState

__all__ = ["Evidence", "Proof", "index_outcomes", "weigh"]

#: Of two outcomes with one id the worse counts, whichever came first.
_WORST_FIRST = (
    OutcomeState.BROKEN,
    OutcomeState.HARNESS_ERROR,
    OutcomeState.FLAKY,
    OutcomeState.WAIVED,
    OutcomeState.NOT_MEASURED,
    OutcomeState.NOT_APPLICABLE,
    OutcomeState.PASSED,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Evidence:
    """The outcomes that one rung needs, by how they came out."""

    passed: tuple[Outcome, ...] = ()
    broken: tuple[Outcome, ...] = ()
    """Also what is flaky or waived: it failed, whoever has agreed to that."""
    inapplicable: tuple[Outcome, ...] = ()
    unmeasured: tuple[Outcome, ...] = ()
    """Not measured, or not measurable because of a fault of hwcheck."""
    missing: tuple[str, ...] = ()
    """Ids of which the run has no outcome."""
    unclaimed: tuple[str, ...] = ()
    """Ids about a member whose claim does not hold, of a capability that is not declared."""

    @property
    def is_complete(self) -> bool:
        """Whether something ran, and all that is needed passed."""
        short = (self.broken, self.inapplicable, self.unmeasured, self.missing, self.unclaimed)
        return bool(self.passed) and not any(short)

    @property
    def is_against(self) -> bool:
        """Whether something that is needed was run, or tried, and did not pass."""
        return bool(self.broken or self.unmeasured)

    @property
    def is_stubbed(self) -> bool:
        """Whether stand-ins had a part in what passed."""
        return any(outcome.stubbed for outcome in self.passed)

    @property
    def has_gaps(self) -> bool:
        """Whether something that is needed was not executed."""
        return bool(self.unmeasured or self.missing)

    @property
    def counted(self) -> tuple[str, ...]:
        """The ids that say something for or against."""
        return tuple(sorted(outcome.id for outcome in (*self.passed, *self.broken)))


@dataclass(frozen=True, slots=True, kw_only=True)
class Proof:
    """The evidence for the rungs above a mere claim."""

    resolved: Evidence
    constructed: Evidence
    shown: Evidence

    @property
    def rungs(self) -> tuple[Evidence, ...]:
        """From the lowest rung to the highest."""
        return self.resolved, self.constructed, self.shown

    @property
    def counted(self) -> tuple[str, ...]:
        """The ids that say something for or against, lowest rung first, each once."""
        return tuple(dict.fromkeys(id_ for item in self.rungs for id_ in item.counted))


def index_outcomes(outcomes: Sequence[Outcome]) -> dict[str, Outcome]:
    """Find outcomes by id; of several with one id the worst is kept, whatever their order."""
    worst_last = sorted(
        outcomes, key=lambda item: (_WORST_FIRST.index(item.state), repr(item)), reverse=True
    )
    return {outcome.id: outcome for outcome in worst_last}


def weigh(
    needed: Iterable[str], declaration: Declaration, outcomes: Mapping[str, Outcome]
) -> Evidence:
    """Sort what a rung needs by how it came out.

    An outcome about a member that is itself a claim counts only when that claim holds: a member
    that says "no" in good form, or that is inherited from vLLM, passes its contract and yet shows
    nothing of the capability. Where another claim declares the capability, it is not needed.
    """
    found: dict[OutcomeState, list[Outcome]] = {state: [] for state in OutcomeState}
    missing: list[str] = []
    unclaimed: list[str] = []
    for id_ in _spelled_out(needed, outcomes):
        if _subject(id_) in declaration.unheld_members:
            if not declaration.is_made:
                unclaimed.append(id_)
        elif id_ in outcomes:
            found[outcomes[id_].state].append(outcomes[id_])
        else:
            missing.append(id_)
    return Evidence(
        passed=tuple(found[OutcomeState.PASSED]),
        broken=tuple(
            item
            for state in (OutcomeState.BROKEN, OutcomeState.FLAKY, OutcomeState.WAIVED)
            for item in found[state]
        ),
        inapplicable=tuple(found[OutcomeState.NOT_APPLICABLE]),
        unmeasured=(*found[OutcomeState.NOT_MEASURED], *found[OutcomeState.HARNESS_ERROR]),
        missing=tuple(missing),
        unclaimed=tuple(unclaimed),
    )


def _spelled_out(needed: Iterable[str], outcomes: Mapping[str, Outcome]) -> list[str]:
    """Put the cases of a run in the place of ``contract[*]``, which has other cases each time.

    Cases that ask nothing of the plugin do not count beside others. Without any case it stays as
    it is, and counts as missing.
    """
    found: set[str] = set()
    for id_ in needed:
        contract, _, case = id_.partition("[")
        cases = [item for item in outcomes.values() if item.contract == contract]
        asking = [item.id for item in cases if item.state is not OutcomeState.NOT_APPLICABLE]
        known = asking or [item.id for item in cases] or [id_]
        found.update(known if case == "*]" else (id_,))
    return sorted(found)


def _subject(outcome_id: str) -> str | None:
    contract, _, case = outcome_id.partition("[")
    # A case such as `get_attn_backend_cls.get_impl_cls` is about what the member answers with.
    member = case.removesuffix("]").partition(".")[0]
    return member if contract.startswith("platform.") else None
