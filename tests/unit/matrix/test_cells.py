"""What one run shows of a capability, in the words that people are shown."""

import pytest

from hwcheck.matrix.cells import shown_by
from hwcheck.model.capability import Capability, Mark, Rung
from hwcheck.model.matrix_cells import CellCounts, CellState
from hwcheck.model.outcome import Cause, OutcomeState, Refusal

ASKED = "refusal.configuration"


def the_cell(run):
    """The only cell of a run."""
    (shown,) = shown_by(run, "the-run")
    return shown.cell


@pytest.mark.parametrize(
    ("rung", "marks", "state"),
    [
        (Rung.E4, (Mark.NATIVE,), CellState.YES_NATIVE),
        (Rung.E4, (Mark.FALLBACK,), CellState.YES_FALLBACK),
        (Rung.E5, (Mark.NATIVE, Mark.UNDECLARED), CellState.YES_NATIVE),
        (Rung.E4, (Mark.NATIVE, Mark.WAIVED), CellState.WAIVED),
        (Rung.E4, (Mark.NATIVE, Mark.FLAKY), CellState.FLAKY),
        (Rung.E0, (Mark.NOT_DECLARED,), CellState.NO_NOT_IMPLEMENTED),
        (Rung.E1, (Mark.CONTRADICTED,), CellState.BROKEN),
        (Rung.E1, (Mark.REFUSED_CLEANLY, Mark.CONTRADICTED), CellState.NO_REFUSED),
        (Rung.E3, (), CellState.PARTIAL),
    ],
)
def test_state_follows_rung_and_marks(run, rung, marks, state):
    """
    The rung and its marks decide what is shown; what is proven in part is partial.
    """
    assert the_cell(run(rung=rung, marks=marks)).state is state


@pytest.mark.parametrize(("rung", "marks"), [(Rung.E1, ()), (Rung.E0, (Mark.NOT_MEASURED,))])
def test_what_no_contract_demonstrates_is_not_measured(run, outcome, rung, marks):
    """
    A claim, and what could be measured and was not, is neither yes nor no.
    """
    made = run(outcome("other.contract"), rung=rung, marks=marks)

    assert the_cell(made).state is CellState.NOT_MEASURED


def test_outcomes_of_every_state_are_counted_and_ordered(run, outcome):
    """
    Whatever became of a case, it has a place in the cell; what fails comes first.
    """
    states = tuple(OutcomeState)
    made = run(
        *(outcome("family.lora", state.value, state=state) for state in states),
        rung=Rung.E3,
        marks=(Mark.FLAKY,),
    )

    cell = the_cell(made)

    assert len(cell.outcomes) == len(states)
    assert cell.outcomes[:3] == (
        "family.lora[broken]",
        "family.lora[flaky]",
        "family.lora[waived]",
    )
    assert (cell.counts.flaky, cell.counts.waived) == (1, 1)


def test_what_was_shown_with_stand_ins_is_not_partial(run, outcome):
    """
    Stand-ins for the vendor's libraries prove nothing of what they stand in for.
    """
    made = run(outcome("family.lora", "two", stubbed=True), rung=Rung.E2, marks=())

    assert the_cell(made).state is CellState.NOT_MEASURED


def test_a_broken_case_is_broken_whether_declared_or_not(run, outcome):
    """
    What speaks against a capability is shown although nobody claimed it.
    """
    made = run(
        outcome("family.lora", "one"),
        outcome("family.lora", "two", OutcomeState.BROKEN, cause=Cause.VIOLATED),
        rung=Rung.E3,
        marks=(),
    )

    cell = the_cell(made)

    assert cell.state is CellState.BROKEN
    assert cell.outcomes == ("family.lora[two]", "family.lora[one]")
    assert cell.counts == CellCounts(passed=1, broken=1)


def test_a_fault_of_the_harness_is_not_the_plugins(run, outcome):
    """
    What hwcheck itself could not check leaves the capability unmeasured.
    """
    made = run(
        outcome("family.lora", "two", OutcomeState.HARNESS_ERROR, cause=Cause.OTHER),
        rung=Rung.E3,
        marks=(),
    )

    cell = the_cell(made)

    assert cell.state is CellState.NOT_MEASURED
    assert cell.counts == CellCounts(harness_errors=1)


@pytest.mark.parametrize(
    ("refusal", "state", "shown"),
    [
        (Refusal.IGNORED, OutcomeState.BROKEN, CellState.BROKEN),
        (Refusal.CRASHED, OutcomeState.BROKEN, CellState.BROKEN),
        (Refusal.IGNORED, OutcomeState.PASSED, CellState.NO_NOT_IMPLEMENTED),
    ],
)
def test_asked_for_and_not_refused_is_broken_where_the_contract_says_so(
    run, outcome, refusal, state, shown
):
    """
    What is left out without a word is broken, except where the contract lets it pass.
    """
    marks = (Mark.NOT_DECLARED, Mark(refusal.value))
    made = run(outcome(ASKED, "lora", state, refusal=refusal), rung=Rung.E0, marks=marks)

    assert the_cell(made).state is shown


def test_what_nothing_is_known_of_has_no_cell(run, outcome):
    """
    A blank is unknown; what vLLM keeps to its own platforms is not asked of plugins either.
    """
    closed = Capability(id="lora", title="Adapters", area="feature", gate="closed")

    assert not tuple(shown_by(run(outcome("other"), rung=Rung.E0, marks=()), "r"))
    assert not tuple(shown_by(run(capabilities=(closed,)), "r"))
    assert not tuple(shown_by(run(host=None), "r"))


@pytest.mark.parametrize(
    ("contract", "case", "reach"),
    [
        ("family.lora", "two", 3),
        (ASKED, "lora", 3),
        ("lora.calls", "add", 2),
        ("platform.signature", "get_punica_wrapper", 1),
        ("other", None, 0),
    ],
)
def test_reach_is_how_far_contracts_looked(run, outcome, contract, case, reach):
    """
    A contract that demonstrates looks further than one that only constructs or resolves.
    """
    (shown,) = shown_by(run(outcome(contract, case), rung=Rung.E1, marks=()), "r")

    assert shown.reach == reach
