"""Comparing two runs, case by case and capability by capability."""

from collections.abc import Iterator, Mapping
from typing import Protocol

from hwcheck.model.capability import Mark, Rung, Standing
from hwcheck.model.outcome import Outcome, OutcomeState
from hwcheck.model.run import Run
from hwcheck.model.run_difference import RunChange, RunDifference, RunSide, Subject, Trend
from hwcheck.report.summary import host_name, plugin_name, verdict_sentence

__all__ = ["compare_runs", "standing_trend"]

_ORDER = tuple(Trend)
#: What failed, the mildest first: a waived failure is agreed on, a flaky one comes and goes.
_FAILED = (OutcomeState.WAIVED, OutcomeState.FLAKY, OutcomeState.BROKEN)
_NO_EVIDENCE = frozenset({OutcomeState.NOT_MEASURED, OutcomeState.HARNESS_ERROR})
#: Marks that speak against a plugin.
_AGAINST = frozenset(
    {
        Mark.CONTRADICTED,
        Mark.FALLBACK,
        Mark.IGNORED_SILENTLY,
        Mark.CRASHED,
        Mark.WAIVED,
        Mark.FLAKY,
    }
)


class Proven(Protocol):
    """What tells how well a capability is proven, in a run or in a matrix."""

    @property
    def rung(self) -> Rung:
        """How well."""

    @property
    def marks(self) -> tuple[Mark, ...]:
        """What else is to be said of it."""


def compare_runs(old: Run, new: Run, *, old_source: str, new_source: str) -> RunDifference:
    """Find what is better, worse, new and gone in the new run.

    A pass that is not proven any more is worse; a failure that is merely not measured any more, or
    waived, is not better.
    """
    before = {item.id: item for item in old.outcomes}
    after = {item.id: item for item in new.outcomes}
    changes = [*_outcomes(before, after), *_standings(old, new)]
    common = before.keys() & after.keys()
    shared = {item.capability for item in old.standings} & {
        item.capability for item in new.standings
    }
    # What only one of them has is not among what both have.
    moved = sum(item.trend not in (Trend.NEW, Trend.GONE) for item in changes)
    return RunDifference(
        old=_side(old, old_source),
        new=_side(new, new_source),
        changes=tuple(
            sorted(changes, key=lambda item: (_ORDER.index(item.trend), item.subject, item.id))
        ),
        unchanged=len(common) + len(shared) - moved,
        compared=len(common),
        remarks=tuple(_remarks(old, new, common)),
        is_partial=not new.complete or not common,
    )


def standing_trend(was: Proven, now: Proven) -> Trend:
    """Compare how well one capability is proven: by its rung, and by the marks against it."""
    lost, gained = set(was.marks) & _AGAINST, set(now.marks) & _AGAINST
    if now.rung < was.rung or gained - lost:
        return Trend.WORSE
    return Trend.BETTER if now.rung > was.rung or lost - gained else Trend.OTHER


def _side(run: Run, source: str) -> RunSide:
    environment = run.environment
    return RunSide(
        source=source,
        plugin=plugin_name(run),
        host=host_name(run),
        environment=f"Python {environment.python}, torch {environment.torch or 'not found'}, "
        f"{environment.system} {environment.machine}, hwcheck {environment.hwcheck}",
        verdict=verdict_sentence(run),
    )


def _outcomes(before: Mapping[str, Outcome], after: Mapping[str, Outcome]) -> Iterator[RunChange]:
    for id_ in sorted(before.keys() | after.keys()):
        old, new = before.get(id_), after.get(id_)
        if old is None or new is None:
            only = old or new
            trend = Trend.NEW if old is None else Trend.GONE
        elif old.state is new.state:
            continue
        else:
            only, trend = new, _trend(old.state, new.state)
        yield RunChange(
            trend=trend,
            subject=Subject.CONTRACT,
            id=id_,
            before=None if old is None else old.state.value,
            after=None if new is None else new.state.value,
            why=(only.reason or "") if only is not None else "",
        )


def _trend(old: OutcomeState, new: OutcomeState) -> Trend:
    if new in _FAILED:
        was = _FAILED.index(old) if old in _FAILED else -1
        return Trend.WORSE if _FAILED.index(new) > was else Trend.OTHER
    if OutcomeState.NOT_APPLICABLE in (old, new):
        return Trend.OTHER
    if new is OutcomeState.PASSED:
        return Trend.BETTER
    return Trend.WORSE if old is OutcomeState.PASSED and new in _NO_EVIDENCE else Trend.OTHER


def _standings(old: Run, new: Run) -> Iterator[RunChange]:
    before = {item.capability: item for item in old.standings}
    after = {item.capability: item for item in new.standings}
    for id_ in sorted(before.keys() | after.keys()):
        was, now = before.get(id_), after.get(id_)
        if was is None or now is None:
            only = was or now
            trend = Trend.NEW if was is None else Trend.GONE
        elif (was.rung, set(was.marks)) == (now.rung, set(now.marks)):
            continue
        else:
            only, trend = now, standing_trend(was, now)
        yield RunChange(
            trend=trend,
            subject=Subject.CAPABILITY,
            id=id_,
            before=None if was is None else _told(was),
            after=None if now is None else _told(now),
            why=only.why if only is not None else "",
        )


def _told(standing: Standing) -> str:
    return ", ".join([f"{standing.rung.name} {standing.rung.title}", *standing.marks])


def _remarks(old: Run, new: Run, common: set[str]) -> Iterator[str]:
    pairs = (
        ("plugins", plugin_name(old), plugin_name(new)),
        ("hosts", host_name(old), host_name(new)),
        ("torch", old.environment.torch, new.environment.torch),
        ("Python", old.environment.python, new.environment.python),
        ("machines", old.environment.machine, new.environment.machine),
        ("hwcheck", old.environment.hwcheck, new.environment.hwcheck),
    )
    for name, was, now in pairs:
        if was != now:
            yield f"different {name}: {was or 'none'} and {now or 'none'}"
    for name, run in (("old", old), ("new", new)):
        if not run.complete:
            yield f"the {name} run is not complete: {run.interruption or 'no reason is known'}"
        if run.selection:
            yield f"the {name} run was narrowed to {', '.join(run.selection)}"
        if run.stubbed:
            yield f"in the {name} run stand-ins took the place of {', '.join(run.stubbed)}"
    if not common:
        yield "the two runs have no case of a contract in common"
