"""Examinations: the engines of a pairwise cover, one step each."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import partial
from itertools import combinations
from time import monotonic

from hwcheck.exercise.bench import Bench, Examination
from hwcheck.exercise.preparation import Unprepared
from hwcheck.exercise.serving.pairs.acts import carried_out, switched_off
from hwcheck.exercise.serving.pairs.cover import planned
from hwcheck.exercise.serving.pairs.partners import PARTNERS
from hwcheck.exercise.serving.pairs.trials import Trial
from hwcheck.exercise.serving.recipe import DENSE
from hwcheck.exercise.serving.shared_engine import Ability, Order, judged_failure, serving
from hwcheck.exercise.verdicts import not_measured
from hwcheck.model.examination import CaseState, ExaminedCase
from hwcheck.model.pairs import PAIRS_CONTRACT, PlannedEngine, pair_name, partners_of

__all__ = ["EXAMINATIONS", "order_of", "trials_of"]

#: Of the time that a step has, the part in which engines are started to trace a failure.
_TRACING = 0.6
#: No plan has more engines than there are pairs.
_MOST_ENGINES = len(PARTNERS) * (len(PARTNERS) - 1) // 2


@dataclass(frozen=True, slots=True, kw_only=True)
class _Suspect:
    """A pair in a trial that did not hold, and what was found there."""

    pair: str
    trial: Trial
    case: ExaminedCase


def order_of(*names: str) -> Order:
    """The engine that has what is named, and nothing else."""
    partners = [PARTNERS[name] for name in sorted(names)]
    changes = {key: value for partner in partners for key, value in partner.changes.items()}
    recipes = [partner.recipe for partner in partners if partner.recipe is not None]
    drafts = [partner.draft for partner in partners if partner.draft is not None]
    return Order(
        recipe=recipes[0] if recipes else DENSE,
        changes=changes,
        draft=drafts[0] if drafts else None,
    )


def trials_of(engine: PlannedEngine) -> Iterator[tuple[Trial, tuple[str, ...]]]:
    """The trials of one planned engine, each with the pairs that it shows."""
    wanted = {name: frozenset(partners_of(name)) for name in engine.pairs}
    settings = frozenset(engine.settings)
    groups = [(), *((kind,) for kind in engine.kinds), *combinations(engine.kinds, 2)]
    for group in groups:
        kinds = frozenset(group)
        # Two kinds are tried for each other; each with the settings is tried by itself.
        shown = tuple(name for name, pair in wanted.items() if pair - settings == kinds)
        if shown:
            yield Trial(settings=settings, kinds=kinds), shown


def _examined(number: int, bench: Bench) -> Iterator[ExaminedCase]:
    plan = planned(bench.demonstrated, bench.most_engines)
    if number < len(plan.engines):
        yield from _in_engine(bench, plan.engines[number])


def _in_engine(bench: Bench, engine: PlannedEngine) -> Iterator[ExaminedCase]:
    """Judge each pair in this engine, and where it fails, in one that has nothing else."""
    end = monotonic() + _TRACING * bench.limit
    order = order_of(*engine.settings, *engine.kinds)
    is_last = any(PARTNERS[name].is_last for name in engine.settings)
    suspects: list[_Suspect] = []
    for trial, pairs in trials_of(engine):
        case = _tried(bench, order, trial)
        for pair in pairs:
            is_alone = is_last or order_of(*partners_of(pair)) == order
            if case.state is CaseState.KEPT or is_alone:
                yield replace(case, name=pair)
            else:
                suspects.append(_Suspect(pair=pair, trial=trial, case=case))
    yield from _traced(bench, suspects, end)


def _traced(bench: Bench, suspects: Sequence[_Suspect], end: float) -> Iterator[ExaminedCase]:
    """Judge each pair by itself; what fails only together with more is told as such."""
    holding: dict[Trial, bool] = {}
    off: set[str] = set()
    # Equal engines one after the other, so that each is started once.
    for suspect in sorted(suspects, key=_in_turn):
        if monotonic() > end:
            reason = f"with {_others(suspect)}: {suspect.case.reason}; no time was left to trace it"
            yield not_measured(reason, suspect.pair)
            holding[suspect.trial] = False
            continue
        trial = _alone(suspect)
        if trial.everything & off:
            case = suspect.case
        else:
            case = _tried(bench, _own_order(suspect), trial)
            if trial.kinds:
                # What is off although no other setting is there is off beside all others.
                off |= _off(bench, _own_order(suspect), trial) - trial.kinds
        yield replace(case, name=suspect.pair)
        is_kept = case.state is CaseState.KEPT
        holding[suspect.trial] = holding.get(suspect.trial, True) and is_kept
    cases = {item.trial: item.case for item in suspects}
    for trial, holds in holding.items():
        if holds and cases[trial].state is CaseState.BROKEN:
            yield replace(cases[trial], name=pair_name(*trial.everything))


def _in_turn(suspect: _Suspect) -> tuple[bool, str, str]:
    return not _alone(suspect).kinds, repr(_own_order(suspect)), suspect.pair


def _alone(suspect: _Suspect) -> Trial:
    pair = frozenset(partners_of(suspect.pair))
    return Trial(settings=suspect.trial.settings & pair, kinds=suspect.trial.kinds & pair)


def _off(bench: Bench, order: Order, trial: Trial) -> set[str]:
    try:
        return set(switched_off(trial, serving(bench).engine(order)))
    except Unprepared:
        return set()


def _own_order(suspect: _Suspect) -> Order:
    return order_of(*partners_of(suspect.pair))


def _others(suspect: _Suspect) -> str:
    others = suspect.trial.everything - set(partners_of(suspect.pair))
    return ", ".join(sorted(others)) or "abilities that were not used"


def _tried(bench: Bench, order: Order, trial: Trial) -> ExaminedCase:
    shared = serving(bench)
    words = " with ".join(sorted(trial.everything))
    try:
        engine = shared.engine(order, Ability(words=words, contract=PAIRS_CONTRACT))
        try:
            reference = shared.reference(order.recipe)
            return carried_out(bench, engine, reference, order.recipe, trial)
        except Unprepared:
            raise
        # What a request or a step raises can be anything.
        except Exception as error:
            return judged_failure(bench, engine, error)
    except Unprepared as stop:
        return stop.case


EXAMINATIONS: dict[str, Examination] = {
    f"{PAIRS_CONTRACT}/{number}": partial(_examined, number) for number in range(_MOST_ENGINES)
}
