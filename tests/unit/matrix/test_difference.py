"""What is better, worse, new, gone and stale from one matrix to another."""

from dataclasses import replace

import pytest
from made_matrix import make_matrix

from hwcheck.matrix.difference import compare_matrices
from hwcheck.model.capability import Mark, Rung
from hwcheck.model.matrix import MatrixProblem
from hwcheck.model.matrix_attempt import Attempt, Ending
from hwcheck.model.matrix_cells import CapabilityCell, CellState
from hwcheck.model.matrix_static import StaticCell, StaticState
from hwcheck.model.run_difference import Trend

STATIC = StaticCell(plugin="p", version="1", host="0.3.0", state=StaticState.FITS)
CELL = CapabilityCell(
    plugin="p",
    version="1",
    host="0.3.0",
    capability="lora",
    state=CellState.YES_NATIVE,
    rung=Rung.E4,
    why="because",
    run="r1",
)
EMPTY = replace(make_matrix(plugins=1), checks=(), cells=(), breakages=(), runs=())


def moved(was, now):
    """The changes from a matrix of one cell to another."""
    return compare_matrices(of(was), of(now), old_source="old", new_source="new").changes


def of(*cells):
    return replace(
        EMPTY,
        checks=tuple(cell for cell in cells if isinstance(cell, StaticCell)),
        cells=tuple(cell for cell in cells if isinstance(cell, CapabilityCell)),
    )


@pytest.mark.parametrize(
    ("was", "now", "trend"),
    [
        (("fits", 0), ("breaks", 2), Trend.WORSE),
        (("breaks", 2), ("breaks", 3), Trend.WORSE),
        (("breaks", 3), ("breaks", 2), Trend.BETTER),
        (("breaks", 3), ("declared-outside", 0), Trend.BETTER),
        (("fits", 0), ("declared-outside", 0), Trend.OTHER),
        (("fits", 0), ("unreadable", 0), Trend.WORSE),
        (("breaks", 1), ("unreadable", 0), Trend.OTHER),
        (("unreadable", 0), ("fits", 0), Trend.BETTER),
        (("unreadable", 0), ("breaks", 1), Trend.WORSE),
    ],
)
def test_static_cell_moves_with_its_errors(was, now, trend):
    """
    More errors are worse, and what cannot be read any more is not shown any more.
    """
    before, after = (
        replace(STATIC, state=StaticState(state), errors=errors) for state, errors in (was, now)
    )

    (change,) = moved(before, after)

    assert (change.trend, change.capability) == (trend, "")


@pytest.mark.parametrize(
    ("was", "now", "trend"),
    [
        ("yes-native", "broken", Trend.WORSE),
        ("yes-native", "yes-fallback", Trend.WORSE),
        ("yes-native", "not-measured", Trend.WORSE),
        ("partial", "yes-native", Trend.BETTER),
        ("broken", "partial", Trend.BETTER),
        ("broken", "waived", Trend.OTHER),
        ("waived", "broken", Trend.WORSE),
        ("broken", "not-measured", Trend.OTHER),
        ("not-measured", "no-refused", Trend.OTHER),
        ("not-measured", "flaky", Trend.WORSE),
    ],
)
def test_capability_moves_with_what_is_shown(was, now, trend):
    """
    What is not shown any more is worse; a failure that is not measured any more is not better.
    """
    before, after = (replace(CELL, state=CellState(state)) for state in (was, now))

    assert [change.trend for change in moved(before, after)] == [trend]


@pytest.mark.parametrize(
    ("changes", "trend"),
    [
        ({"rung": Rung.E5}, Trend.BETTER),
        ({"rung": Rung.E3}, Trend.WORSE),
        ({"marks": (Mark.CONTRADICTED,)}, Trend.WORSE),
        ({"marks": (Mark.NATIVE,)}, Trend.OTHER),
    ],
)
def test_same_state_is_told_by_rung_and_marks(changes, trend):
    """
    They say how well it is proven, and what speaks against it.
    """
    assert [change.trend for change in moved(CELL, replace(CELL, **changes))] == [trend]


def test_same_matrices_differ_in_nothing():
    """
    Every cell is compared, none moved.
    """
    matrix = make_matrix()

    found = compare_matrices(matrix, matrix, old_source="a", new_source="b")

    assert (found.changes, found.stale, found.remarks) == ((), (), ())
    assert found.compared == found.unchanged == len(matrix.checks) + len(matrix.cells)
    assert not found.is_partial


def test_new_and_gone_cells_are_neither_better_nor_worse():
    """
    Nothing that both have is not complete.
    """
    other = replace(CELL, capability="other")

    found = compare_matrices(of(CELL), of(other), old_source="a", new_source="b")

    assert [(item.trend, item.capability) for item in found.changes] == [
        (Trend.NEW, "other"),
        (Trend.GONE, "lora"),
    ]
    assert (found.compared, found.is_partial) == (0, True)


def test_new_release_is_held_against_the_newest_older_one():
    """
    What it broke is worse, and the cells of the older release are not gone.
    """
    old = make_matrix(plugins=1, releases=2)
    (plugin,) = old.plugins
    *kept, last = plugin.releases
    newer = replace(last, version="99.0")
    new = replace(
        old,
        plugins=(replace(plugin, releases=(*kept, newer)),),
        checks=tuple(
            replace(check, version="99.0", state=StaticState.BREAKS, errors=999)
            if check.version == last.version
            else check
            for check in old.checks
        ),
        cells=tuple(replace(cell, version="99.0") for cell in old.cells),
    )

    found = compare_matrices(old, new, old_source="a", new_source="b")

    assert {item.trend for item in found.changes} == {Trend.WORSE}
    assert {(item.version, item.version_before) for item in found.changes} == {
        ("99.0", last.version)
    }
    assert found.remarks == (f"{plugin.name} 99.0 is new, and held against {last.version}",)


def test_what_breaks_is_named_the_new_first():
    """
    The reason of a static cell is the thing of vLLM that changed.
    """
    matrix = make_matrix(plugins=1, hosts=3)
    first, second = matrix.breakages[:2]
    was = replace(STATIC, state=StaticState.BREAKS, errors=1, breakages=(first.id,))
    now = replace(was, errors=2, breakages=(first.id, second.id))
    before, after = (replace(of(cell), breakages=matrix.breakages) for cell in (was, now))

    (change,) = compare_matrices(before, after, old_source="a", new_source="b").changes

    assert change.why == f"{second.symbol}, {first.symbol}"


def test_cells_whose_evidence_does_not_hold_any_more_are_stale():
    """
    Only those that held before, with the reason; that alone is not worse.
    """
    (run, *_) = make_matrix(plugins=1).runs
    held, aged = replace(run, id="r1", stale=None), replace(run, id="r1", stale="another hwcheck")
    before, after = (replace(of(CELL), runs=(item,)) for item in (held, aged))

    found = compare_matrices(before, after, old_source="a", new_source="b")
    again = compare_matrices(after, after, old_source="a", new_source="b")

    assert [(item.capability, item.why) for item in found.stale] == [("lora", "another hwcheck")]
    assert (found.changes, again.stale) == ((), ())


def test_attempt_without_a_run_makes_the_comparison_partial():
    """
    An environment that could not be made is told once, and is no change of a cell.
    """
    attempt = Attempt(
        plugin="p", version="1", host="0.3.0", ending=Ending.ENVIRONMENT, reason="no wheel"
    )
    before = of(CELL)
    after = replace(before, attempts=(attempt,))

    found = compare_matrices(before, after, old_source="a", new_source="b")
    again = compare_matrices(after, after, old_source="a", new_source="b")

    assert found.remarks == ("no run in the new matrix: p 1 on 0.3.0: environment, no wheel",)
    assert (found.is_partial, found.changes) == (True, ())
    assert (again.remarks, again.is_partial) == ((), False)


def test_new_problem_makes_the_comparison_partial():
    """
    A plugin that could not be read is told, and the old problems are not told again.
    """
    known = MatrixProblem(subject="x", detail="old")
    before = replace(of(CELL), problems=(known,))
    after = replace(before, problems=(known, MatrixProblem(subject="y", detail="gone")))

    found = compare_matrices(before, after, old_source="a", new_source="b")

    assert found.remarks == ("a problem of the new matrix: y: gone",)
    assert found.is_partial
