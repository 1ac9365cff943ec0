"""The outcomes of a run with its waivers applied, and what became of each waiver."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date
from difflib import get_close_matches
from fnmatch import fnmatchcase

from hwcheck.model.outcome import Outcome, OutcomeState
from hwcheck.model.waiver import (
    WAIVABLE,
    Waiver,
    WaiverClass,
    WaiverStanding,
    WaiverUse,
)
from hwcheck.waivers.matching import (
    contract_pattern,
    is_expired,
    is_in_scope,
    names,
    recognises,
)

__all__ = ["Situation", "WaiverBook", "apply_waivers", "covering", "unknown_contract"]

_FAILED = frozenset({OutcomeState.BROKEN, OutcomeState.FLAKY})


@dataclass(frozen=True, slots=True, kw_only=True)
class WaiverBook:
    """The waivers that a run is given, and the day on which."""

    waivers: tuple[Waiver, ...]
    today: date


@dataclass(frozen=True, slots=True, kw_only=True)
class Situation:
    """What a waiver may depend on."""

    host: str = ""
    """The version of vLLM."""
    device: str = ""
    """The platform's ``device_type``; empty where it is not known."""
    known: frozenset[str] = frozenset()
    """All contracts of the suites; empty where they are not known."""
    whole: frozenset[str] = frozenset()
    """The contracts that were run with all their cases."""


def covering(outcome: Outcome, book: WaiverBook, situation: Situation) -> Waiver | None:
    """Find the first waiver that covers this failure here."""
    return next(
        (
            waiver
            for waiver in book.waivers
            if outcome.state in WAIVABLE
            and names(waiver, outcome)
            and recognises(waiver.signature, outcome)
            and is_in_scope(waiver, situation.host, situation.device)
            and not is_expired(waiver, situation.host, book.today)
        ),
        None,
    )


def apply_waivers(
    outcomes: Sequence[Outcome], book: WaiverBook, situation: Situation
) -> tuple[tuple[Outcome, ...], tuple[WaiverUse, ...]]:
    """Waive what is covered; each failure is covered by the first waiver that is about it."""
    covers: dict[Waiver, list[str]] = {}
    told: list[Outcome] = []
    for outcome in outcomes:
        waiver = covering(outcome, book, situation)
        if waiver is None:
            told.append(outcome)
            continue
        covers.setdefault(waiver, []).append(outcome.id)
        told.append(replace(outcome, state=OutcomeState.WAIVED, waiver=waiver.told))
    uses = tuple(
        _use(waiver, tuple(covers.get(waiver, ())), outcomes, book, situation)
        for waiver in book.waivers
    )
    return tuple(told), uses


def _use(
    waiver: Waiver,
    covers: tuple[str, ...],
    outcomes: Sequence[Outcome],
    book: WaiverBook,
    situation: Situation,
) -> WaiverUse:
    standing, detail = (
        (WaiverStanding.USED, f"covers {len(covers)} outcome{'s' if len(covers) > 1 else ''}")
        if covers
        else _unused(waiver, [item for item in outcomes if names(waiver, item)], book, situation)
    )
    return WaiverUse(waiver=waiver, standing=standing, detail=detail, covers=covers)


def _unused(
    waiver: Waiver, named: Sequence[Outcome], book: WaiverBook, situation: Situation
) -> tuple[WaiverStanding, str]:
    if is_expired(waiver, situation.host, book.today):
        return (
            WaiverStanding.EXPIRED,
            f"it ended with {waiver.expires}: repair what it waives, or agree on another end",
        )
    if not is_in_scope(waiver, situation.host, situation.device):
        here = f"vLLM {situation.host or 'unknown'}, device {situation.device or 'unknown'}"
        return WaiverStanding.OUT_OF_SCOPE, f"it does not hold here ({here})"
    if not named:
        return _without_outcomes(waiver, situation)
    if any(recognises(waiver.signature, item) for item in named):
        return WaiverStanding.MATCHES_NOTHING, "a waiver before it covers the same: join them"
    if any(item.state in _FAILED for item in named):
        return (
            WaiverStanding.OTHER_FAILURE,
            f"its signature is not that of this failure: {_first_reason(named)}",
        )
    passed = [item.id for item in named if item.state is OutcomeState.PASSED]
    if not passed:
        return WaiverStanding.NOT_JUDGED, "what it names was not measured, or does not apply"
    if waiver.kind is WaiverClass.FLAKY:
        return WaiverStanding.NOT_JUDGED, "what it names passed this time"
    if not situation.whole.issuperset(item.contract for item in named):
        return WaiverStanding.NOT_SELECTED, "what it names was not run whole"
    more = f" and {len(passed) - 1} more" if len(passed) > 1 else ""
    return WaiverStanding.PASSES, f"{passed[0]}{more} passed: take the waiver away"


def _without_outcomes(waiver: Waiver, situation: Situation) -> tuple[WaiverStanding, str]:
    pattern = contract_pattern(waiver)
    unknown = unknown_contract(waiver, situation.known)
    if unknown is not None:
        return WaiverStanding.MATCHES_NOTHING, unknown
    if _matching(situation.whole, pattern):
        return (
            WaiverStanding.MATCHES_NOTHING,
            f"{pattern} was run and has no such case: correct the id, or take the waiver away",
        )
    return WaiverStanding.NOT_SELECTED, "what it names was not run"


def unknown_contract(waiver: Waiver, known: frozenset[str]) -> str | None:
    """Tell that no contract has the name of a waiver; ``None`` when one has, or none is known."""
    pattern = contract_pattern(waiver)
    if not known or _matching(known, pattern):
        return None
    near = get_close_matches(pattern, sorted(known), n=1)
    hint = f"did you mean {near[0]!r}?" if near else "all ids: hwcheck explain"
    return f"no contract is called {pattern!r}; {hint}"


def _matching(contracts: Iterable[str], pattern: str) -> bool:
    return any(fnmatchcase(contract, pattern) for contract in contracts)


def _first_reason(outcomes: Iterable[Outcome]) -> str:
    failed = next(item for item in outcomes if item.state in _FAILED)
    reason = (failed.reason or "no reason is known").partition("\n")[0]
    return f"{failed.id}: {reason}"
