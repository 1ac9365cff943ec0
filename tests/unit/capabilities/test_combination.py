"""The rung of what holds together with all others."""

import pytest

from hwcheck.capabilities.fold import fold
from hwcheck.model.capability import Capability, Rung
from hwcheck.model.outcome import Outcome, OutcomeState
from hwcheck.model.pairs import PairPlan

CAPABILITY = Capability(
    id="lora", title="LoRA", area="models", gate="open", shown_by=("family.lora.tokens",)
)
SHOWN = Outcome(contract="family.lora.tokens", case=None, state=OutcomeState.PASSED)
PLAN = PairPlan(partners=("lora", "seeds", "structured-output"), engines=())


def pair(case, state=OutcomeState.PASSED, reason=None):
    return Outcome(contract="pairs.combined", case=case, state=state, reason=reason)


def standing(*pairs, plan=PLAN, shown=SHOWN):
    (only,) = fold((CAPABILITY,), (), (shown, *pairs), (), plan)
    return only


def test_capability_that_goes_with_all_others_is_in_combination():
    """
    Each pair holds, or is refused cleanly, which asks for nothing more.
    """
    refused = pair("lora+structured-output", OutcomeState.NOT_APPLICABLE)

    found = standing(pair("lora+seeds"), refused)

    assert found.rung is Rung.E5
    assert found.why.endswith("demonstrated; in combination with 1 others")
    assert found.evidence == ("family.lora.tokens", "pairs.combined[lora+seeds]")


@pytest.mark.parametrize(
    ("state", "told"),
    [
        (OutcomeState.BROKEN, "is broken: it is ignored"),
        (OutcomeState.NOT_MEASURED, "was not measured: it is ignored"),
        (OutcomeState.HARNESS_ERROR, "could not be checked: it is ignored"),
    ],
)
def test_pair_that_fails_is_named(state, told):
    """
    The capability stays demonstrated, and its page says with what it does not go.
    """
    failing = pair("lora+structured-output", state, "it is ignored")

    found = standing(pair("lora+seeds"), failing)

    assert found.rung is Rung.E4
    words = f"not in combination: pairs.combined[lora+structured-output] {told}"
    assert found.why.endswith(words)


def test_failure_of_three_speaks_against_each_of_them():
    """
    Although all pairs hold, it is not fit for use with both.
    """
    three = pair("lora+seeds+structured-output", OutcomeState.BROKEN, "wrong")

    assert standing(pair("lora+seeds"), three).rung is Rung.E4


def test_pair_of_others_says_nothing():
    """
    What two others do together is theirs.
    """
    others = pair("seeds+structured-output", OutcomeState.BROKEN, "wrong")

    assert standing(pair("lora+seeds"), others).rung is Rung.E5


def test_pair_that_was_left_out_is_missing():
    """
    A capped plan proves no more than it shows.
    """
    plan = PairPlan(partners=PLAN.partners, engines=(), left=("lora+structured-output",))

    found = standing(pair("lora+seeds"), plan=plan)

    assert found.rung is Rung.E4
    assert found.why.endswith("not in combination: lora+structured-output was left out")


def test_pairs_without_any_that_holds_show_nothing():
    """
    Refusals alone are no combination.
    """
    found = standing(pair("lora+seeds", OutcomeState.NOT_APPLICABLE))

    assert found.rung is Rung.E4
    assert found.why.endswith("not in combination: no pair was shown")


def test_what_is_not_demonstrated_cannot_be_in_combination():
    """
    A rung stands on all below.
    """
    broken = Outcome(contract="family.lora.tokens", case=None, state=OutcomeState.BROKEN)

    assert standing(pair("lora+seeds"), shown=broken).rung is Rung.E0


@pytest.mark.parametrize("plan", [None, PairPlan(partners=("seeds",), engines=())])
def test_run_without_pairs_of_it_says_nothing_of_them(plan):
    """
    Where pairs were not asked for, E4 is all there is to say.
    """
    found = standing(plan=plan)

    assert (found.rung, found.why.endswith("demonstrated")) == (Rung.E4, True)
