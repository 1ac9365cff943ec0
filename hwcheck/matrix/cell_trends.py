"""In which direction a cell of a matrix moved."""

from hwcheck.model.matrix_cells import CapabilityCell, CellState
from hwcheck.model.matrix_static import StaticCell, StaticState
from hwcheck.model.run_difference import Trend
from hwcheck.run.difference import standing_trend

__all__ = ["capability_trend", "static_trend"]

#: What failed, the mildest first, as with the outcomes of runs.
_FAILED = (CellState.WAIVED, CellState.FLAKY, CellState.BROKEN)
#: What was shown, the least first; every other state shows nothing.
_SHOWN = (CellState.PARTIAL, CellState.YES_FALLBACK, CellState.YES_NATIVE)
#: Without an error; that requirements exclude a release is a statement, and no finding.
_CLEAN = frozenset({StaticState.FITS, StaticState.DECLARED_OUTSIDE})


def static_trend(was: StaticCell, now: StaticCell) -> Trend | None:
    """Compare two static cells; ``None`` when they say the same.

    More errors are worse, and so is what cannot be read any more.
    """
    if (was.state, was.errors) == (now.state, now.errors):
        return None
    if now.state is StaticState.UNREADABLE:
        return Trend.WORSE if was.state in _CLEAN else Trend.OTHER
    if was.state is StaticState.UNREADABLE:
        return Trend.BETTER if now.state in _CLEAN else Trend.WORSE
    if now.errors == was.errors:
        return Trend.OTHER
    return Trend.WORSE if now.errors > was.errors else Trend.BETTER


def capability_trend(was: CapabilityCell, now: CapabilityCell) -> Trend | None:
    """Compare two cells of a capability; ``None`` when they say the same.

    What is not shown any more is worse; a failure that is merely not measured any more, or waived,
    is not better.
    """
    if was.state is now.state:
        same = (was.rung, set(was.marks)) == (now.rung, set(now.marks))
        return None if same else standing_trend(was, now)
    if now.state in _FAILED:
        failed = _FAILED.index(was.state) if was.state in _FAILED else -1
        return Trend.WORSE if _FAILED.index(now.state) > failed else Trend.OTHER
    before, after = (_shown(item.state) for item in (was, now))
    if before == after:
        return Trend.OTHER
    return Trend.BETTER if after > before else Trend.WORSE


def _shown(state: CellState) -> int:
    return _SHOWN.index(state) if state in _SHOWN else -1
