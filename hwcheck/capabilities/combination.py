"""What pairs show of one capability: whether it holds together with each other demonstrated one."""

from collections.abc import Mapping
from dataclasses import dataclass

from hwcheck.model.outcome import Outcome, OutcomeState
from hwcheck.model.pairs import PAIRS_CONTRACT, PairPlan, partners_of

__all__ = ["Combination", "combine"]

_WORDS = {
    OutcomeState.BROKEN: "is broken",
    OutcomeState.NOT_MEASURED: "was not measured",
    OutcomeState.HARNESS_ERROR: "could not be checked",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Combination:
    """The pairs of one capability."""

    words: str
    is_complete: bool
    """Whether some hold, and all others are refused."""
    counted: tuple[str, ...] = ()
    """The ids that say something for or against."""


def combine(
    capability: str, outcomes: Mapping[str, Outcome], plan: PairPlan | None
) -> Combination | None:
    """Weigh the pairs of a capability; ``None`` where none were asked for.

    A pair that is refused cleanly asks for nothing more.
    """
    if plan is None or capability not in plan.partners:
        return None
    pairs = [
        item
        for item in outcomes.values()
        if item.contract == PAIRS_CONTRACT and capability in partners_of(item.case or "")
    ]
    kept = sorted(item.id for item in pairs if item.state is OutcomeState.PASSED)
    wrong = sorted(
        (item for item in pairs if item.state in _WORDS),
        key=lambda item: (list(_WORDS).index(item.state), item.id),
    )
    told = [f"{item.id} {_WORDS[item.state]}: {item.reason}" for item in wrong]
    told += [f"{name} was left out" for name in plan.left if capability in partners_of(name)]
    broken = [item.id for item in wrong if item.state is OutcomeState.BROKEN]
    if not kept or told:
        more = f" (and {len(told) - 1} more)" if len(told) > 1 else ""
        words = f"not in combination: {told[0] if told else 'no pair was shown'}{more}"
    else:
        words = f"in combination with {len(kept)} others"
    counted = tuple(sorted([*kept, *broken]))
    return Combination(words=words, is_complete=bool(kept) and not told, counted=counted)
