"""Comparing two matrices, cell by cell."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from hwcheck.matrix.cell_trends import capability_trend, static_trend
from hwcheck.matrix.versions import host_key, version_key
from hwcheck.model.matrix import Matrix
from hwcheck.model.matrix_attempt import Attempt
from hwcheck.model.matrix_cells import CapabilityCell
from hwcheck.model.matrix_difference import CellMove, MatrixDifference, MatrixSide, StaleCell
from hwcheck.model.matrix_static import StaticCell
from hwcheck.model.run_difference import Trend

__all__ = ["compare_matrices"]

_ORDER = tuple(Trend)
#: So many things of vLLM are named of those that break a plugin.
_NAMED = 3
#: Plugin, version, host, and capability; the last is empty for a static cell.
Place = tuple[str, str, str, str]
Cell = StaticCell | CapabilityCell


@dataclass(frozen=True, slots=True, kw_only=True)
class _Pair:
    """A cell of the new matrix, and what it is held against."""

    place: Place
    version_before: str
    was: Cell | None
    now: Cell


def compare_matrices(
    old: Matrix, new: Matrix, *, old_source: str, new_source: str
) -> MatrixDifference:
    """Find which cells are better, worse, new, gone and stale in the new matrix.

    A release of a plugin that the old matrix has not is held against the newest older one of the
    same plugin there, so that a new release cannot hide what it broke.
    """
    before, after, symbols = _cells(old), _cells(new), _symbols(new)
    predecessors = _predecessors(old, new)
    pairs = tuple(_pairs(before, after, predecessors))
    both = [pair for pair in pairs if pair.was is not None]
    changes = [move for pair in pairs if (move := _move(pair, symbols)) is not None]
    moved = sum(change.trend is not Trend.NEW for change in changes)
    changes += _gone(before, after, predecessors)
    troubles = tuple(_new_problems(old, new))
    return MatrixDifference(
        old=_side(old, old_source),
        new=_side(new, new_source),
        changes=tuple(sorted(changes, key=_order)),
        stale=tuple(_went_stale(old, new, both)),
        unchanged=len(both) - moved,
        compared=len(both),
        remarks=(*_remarks(old, new, predecessors), *troubles, *_nothing_in_common(both)),
        is_partial=bool(troubles) or not both,
    )


def _cells(matrix: Matrix) -> dict[Place, Cell]:
    found: dict[Place, Cell] = {
        (item.plugin, item.version, item.host, ""): item for item in matrix.checks
    }
    for cell in matrix.cells:
        found[cell.plugin, cell.version, cell.host, cell.capability] = cell
    return found


def _symbols(matrix: Matrix) -> dict[str, str]:
    """By the id of a breakage: the thing of vLLM that it is about."""
    return {item.id: item.symbol for item in matrix.breakages}


def _predecessors(old: Matrix, new: Matrix) -> dict[tuple[str, str], str]:
    """For each release that only the new matrix has: the newest older one of the old matrix."""
    known = {
        plugin.name: [release.version for release in plugin.releases] for plugin in old.plugins
    }
    found: dict[tuple[str, str], str] = {}
    for plugin in new.plugins:
        versions = known.get(plugin.name, [])
        for release in plugin.releases:
            older = [item for item in versions if version_key(item) < version_key(release.version)]
            if release.version not in versions and older:
                found[plugin.name, release.version] = max(older, key=version_key)
    return found


def _pairs(
    before: Mapping[Place, Cell],
    after: Mapping[Place, Cell],
    predecessors: Mapping[tuple[str, str], str],
) -> Iterator[_Pair]:
    for place, now in after.items():
        plugin, version, host, capability = place
        earlier = predecessors.get((plugin, version), version)
        was = before.get((plugin, earlier, host, capability))
        yield _Pair(place=place, version_before=earlier, was=was, now=now)


def _gone(
    before: Mapping[Place, Cell],
    after: Mapping[Place, Cell],
    predecessors: Mapping[tuple[str, str], str],
) -> Iterator[CellMove]:
    """The cells that nothing took the place of."""
    successors: dict[tuple[str, str], list[str]] = {}
    for (plugin, version), earlier in predecessors.items():
        successors.setdefault((plugin, earlier), []).append(version)
    for place, was in before.items():
        plugin, version, host, capability = place
        later = (version, *successors.get((plugin, version), ()))
        if not any((plugin, item, host, capability) in after for item in later):
            why = was.why if isinstance(was, CapabilityCell) else ""
            yield _told(Trend.GONE, place, version, was=was, now=None, why=why)


def _move(pair: _Pair, symbols: Mapping[str, str]) -> CellMove | None:
    match pair.was, pair.now:
        case None, _:
            trend: Trend | None = Trend.NEW
        case StaticCell() as was, StaticCell() as now:
            trend = static_trend(was, now)
        case CapabilityCell() as was, CapabilityCell() as now:
            trend = capability_trend(was, now)
        case _:
            # A static cell has no capability in its place, and others always have one.
            raise AssertionError(pair.place)
    if trend is None:
        return None
    return _told(
        trend,
        pair.place,
        pair.version_before,
        was=pair.was,
        now=pair.now,
        why=_why(pair.was, pair.now, symbols),
    )


def _told(
    trend: Trend,
    place: Place,
    version_before: str,
    *,
    was: Cell | None,
    now: Cell | None,
    why: str,
) -> CellMove:
    plugin, version, host, capability = place
    return CellMove(
        trend=trend,
        plugin=plugin,
        version=version,
        host=host,
        capability=capability,
        before=None if was is None else _words(was),
        after=None if now is None else _words(now),
        version_before=version_before,
        why=why,
    )


def _why(was: Cell | None, now: Cell, symbols: Mapping[str, str]) -> str:
    """What the new matrix says; of a static cell the things of vLLM that break it now first."""
    if isinstance(now, CapabilityCell):
        return now.why
    earlier = was.breakages if isinstance(was, StaticCell) else ()
    named = sorted({(item in earlier, symbols[item]) for item in now.breakages if item in symbols})
    told = [symbol for _, symbol in named[:_NAMED]]
    more = len(named) - len(told)
    return f"{', '.join(told)} and {more} more" if more else ", ".join(told)


def _words(cell: Cell) -> str:
    if isinstance(cell, StaticCell):
        return f"{cell.state}, errors: {cell.errors}" if cell.errors else str(cell.state)
    return ", ".join([str(cell.state), cell.rung.name, *cell.marks])


def _went_stale(old: Matrix, new: Matrix, both: Iterable[_Pair]) -> Iterator[StaleCell]:
    stale_before = {run.id for run in old.runs if run.stale is not None}
    stale_now = {run.id: run.stale for run in new.runs if run.stale is not None}
    for pair in sorted(both, key=lambda item: item.place):
        match pair.was, pair.now:
            case CapabilityCell() as was, CapabilityCell(run=str() as run) as now if (
                run in stale_now and was.run not in stale_before
            ):
                yield StaleCell(
                    plugin=now.plugin,
                    version=now.version,
                    host=now.host,
                    capability=now.capability,
                    state=now.state,
                    why=stale_now[run] or "",
                )


def _side(matrix: Matrix, source: str) -> MatrixSide:
    return MatrixSide(
        source=source,
        title=matrix.title,
        made=matrix.made,
        hwcheck=matrix.hwcheck,
        plugins=len(matrix.plugins),
        hosts=len(matrix.hosts),
        checks=len(matrix.checks),
        cells=len(matrix.cells),
    )


def _remarks(
    old: Matrix, new: Matrix, predecessors: Mapping[tuple[str, str], str]
) -> Iterator[str]:
    if old.hwcheck != new.hwcheck:
        yield f"different hwcheck: {old.hwcheck} and {new.hwcheck}"
    for name, was, now in (
        ("plugins", [item.name for item in old.plugins], [item.name for item in new.plugins]),
        ("hosts", [item.version for item in old.hosts], [item.version for item in new.hosts]),
    ):
        for side, words in (
            ("new", [item for item in now if item not in was]),
            ("old", [item for item in was if item not in now]),
        ):
            if words:
                yield f"{name} of the {side} matrix alone: {', '.join(words)}"
    for (plugin, version), earlier in predecessors.items():
        yield f"{plugin} {version} is new, and held against {earlier}"


def _new_problems(old: Matrix, new: Matrix) -> Iterator[str]:
    known = set(old.problems)
    for problem in new.problems:
        if problem not in known:
            yield f"a problem of the new matrix: {problem.subject}: {problem.detail}"
    tried = {_inputs(attempt) for attempt in old.attempts}
    for attempt in new.attempts:
        if _inputs(attempt) not in tried:
            yield (
                f"no run in the new matrix: {attempt.plugin} {attempt.version} on {attempt.host}: "
                f"{attempt.ending}, {attempt.reason}"
            )


def _inputs(attempt: Attempt) -> tuple[str, str, str, str]:
    return (attempt.plugin, attempt.version, attempt.host, attempt.torch)


def _nothing_in_common(both: Iterable[_Pair]) -> tuple[str, ...]:
    return () if both else ("the two matrices have no cell in common",)


def _order(change: CellMove) -> tuple[object, ...]:
    return (
        _ORDER.index(change.trend),
        change.plugin,
        change.capability,
        version_key(change.version),
        host_key(change.host),
    )
