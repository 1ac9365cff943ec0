"""Which of several runs decides a cell."""

from dataclasses import replace
from itertools import permutations

import pytest

from hwcheck.matrix.documents import StoredRun
from hwcheck.matrix.fold import Placed, fold
from hwcheck.model.capability import Mark, Rung
from hwcheck.model.matrix_cells import CellState
from hwcheck.model.outcome import OutcomeState

EARLY, LATE = "2026-11-01T00:00:00+00:00", "2026-11-20T00:00:00+00:00"


def placed(id_, made, *, stale=None):
    """Place a run."""
    stored = StoredRun(id=id_, run=made, data=b"")
    return Placed(stored=stored, plugin="acme", host="0.3.0", stale=stale)


def the_cell(*items):
    """The only cell, whatever the order of the runs."""
    cells = {fold(order) for order in permutations(items)}
    assert len(cells) == 1
    ((cell,),) = cells
    return cell


@pytest.fixture
def good(run):
    """Give a factory of runs that demonstrate."""
    return lambda **changes: run(**{"started": EARLY, **changes})


@pytest.fixture
def bad(run, outcome):
    """Give a factory of runs that find it broken."""

    def make(contract="family.lora", case="two", **changes):
        broken = outcome(contract, case, OutcomeState.BROKEN)
        said = {"started": LATE, "rung": Rung.E1, "marks": (Mark.CONTRADICTED,), **changes}
        return run(broken, **said)

    return make


@pytest.fixture
def shallow(run, outcome):
    """Give a factory of runs that only constructed."""

    def make(**changes):
        said = {"started": LATE, "rung": Rung.E3, "marks": (), **changes}
        return run(outcome("lora.calls", "add"), **said)

    return make


def torch(run, version):
    """The run with another torch."""
    return replace(run, environment=replace(run.environment, torch=version))


def test_newest_of_equal_runs_decides(good):
    """
    Of two runs that say the same the newer one is the evidence, and nothing disagrees.
    """
    cell = the_cell(placed("a", good()), placed("b", good(started=LATE)))

    assert (cell.run, cell.state, cell.disagreeing) == ("b", CellState.YES_NATIVE, ())


def test_a_newer_run_that_looked_less_far_takes_nothing_away(good, shallow):
    """
    A later run of fewer profiles does not undo what was demonstrated.
    """
    cell = the_cell(placed("a", good()), placed("b", shallow()))

    assert (cell.run, cell.rung) == ("a", Rung.E4)


def test_a_newer_run_that_breaks_decides_however_far_it_looked(good, bad):
    """
    What is broken at a lower rung by now is broken, whatever was demonstrated before.
    """
    newer = torch(bad("platform.signature", "get_punica_wrapper"), "2.14.0")

    cell = the_cell(placed("a", good()), placed("b", newer))

    assert (cell.run, cell.state) == ("b", CellState.BROKEN)


def test_an_older_breakage_is_mended_by_a_newer_run(good, bad):
    """
    With other inputs the newer of two runs that looked equally far decides, and the other is told.
    """
    cell = the_cell(placed("a", bad(started=EARLY)), placed("b", torch(good(started=LATE), "2.14")))

    assert (cell.run, cell.state, cell.disagreeing) == ("b", CellState.YES_NATIVE, ("a",))


def test_equal_inputs_with_both_results_are_flaky(good, bad):
    """
    The same case, passed and broken with the same inputs, is never a pass.
    """
    cell = the_cell(placed("a", good()), placed("b", bad()))

    assert cell.state is CellState.FLAKY
    assert cell.why.startswith("the same inputs gave both: family.lora[two]; ")
    assert cell.disagreeing == ("a",)


@pytest.mark.parametrize(
    "weaker",
    [{"complete": False, "interruption": "Ctrl-C"}, {"stale": "made by hwcheck 0.0.1"}],
    ids=["incomplete", "stale"],
)
def test_a_weaker_run_decides_only_alone(good, bad, weaker):
    """
    An interrupted or stale run neither breaks nor makes flaky what a sound one shows.
    """
    stale = weaker.get("stale")
    changes = {} if stale else weaker
    newer = placed("b", bad(**changes), stale=stale)

    assert the_cell(placed("a", good()), newer).run == "a"
    alone = the_cell(newer)
    assert (alone.run, Mark.STALE in alone.marks) == ("b", stale is not None)


def test_cells_of_other_places_are_left_alone(good):
    """
    Another host or release is another cell.
    """
    first = placed("a", good())
    cells = fold([first, replace(first, host="0.4.0")])

    assert [cell.host for cell in cells] == ["0.3.0", "0.4.0"]
    assert {cell.plugin for cell in cells} == {"acme"}
