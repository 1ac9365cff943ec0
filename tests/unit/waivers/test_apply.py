"""What waivers make of outcomes, and what becomes of each waiver."""

from dataclasses import replace
from datetime import date

import pytest

from hwcheck.model.outcome import Outcome, OutcomeState
from hwcheck.model.waiver import Scope, Signature, Waiver, WaiverClass, WaiverStanding
from hwcheck.waivers.apply import Situation, WaiverBook, apply_waivers

TODAY = date(2026, 12, 1)
HERE = Situation(
    host="0.32.0+cpu",
    device="cpu",
    known=frozenset({"lora.swap", "load.call"}),
    whole=frozenset({"lora.swap"}),
)
KNOWN = Waiver(
    id="lora.swap",
    kind=WaiverClass.PLUGIN_BUG,
    reason="known",
    owner="kernels",
    expires="2026-12-01",
    signature=Signature(message="no kernel"),
)


def failed(reason="RuntimeError: no kernel for [7, 8]", case=None, **changes):
    fields = {"state": OutcomeState.BROKEN, "contract": "lora.swap"}
    return Outcome(case=case, reason=reason, **(fields | changes))


def passed(case=None):
    return Outcome(contract="lora.swap", case=case, state=OutcomeState.PASSED)


def applied(*outcomes, situation=HERE, waivers=None, **changes):
    book = WaiverBook(waivers=waivers or (replace(KNOWN, **changes),), today=TODAY)
    found, uses = apply_waivers(outcomes, book, situation)
    return [str(item.state) for item in found], [use.standing for use in uses]


def test_known_failure_is_waived_and_keeps_what_it_was():
    """
    It is no pass, and neither its reason nor the waiver is lost.
    """
    book = WaiverBook(waivers=(KNOWN,), today=TODAY)

    (outcome,), (use,) = apply_waivers((failed(),), book, HERE)

    assert outcome.state is OutcomeState.WAIVED
    assert outcome.reason == "RuntimeError: no kernel for [7, 8]"
    assert outcome.waiver == KNOWN.told
    assert (use.standing, use.covers) == (WaiverStanding.USED, ("lora.swap",))


@pytest.mark.parametrize(
    ("signature", "is_known"),
    [
        (Signature(exception="RuntimeError"), True),
        (Signature(exception="Error"), False),
        (Signature(message="no kernel for [7*"), True),
        (Signature(message="no * for [7, 8]"), True),
        (Signature(message="*"), True),
        (Signature(message="no kernel for [9"), False),
        (Signature(exception="RuntimeError", message="out of memory"), False),
        (Signature(state=OutcomeState.FLAKY), False),
        (Signature(state=OutcomeState.BROKEN), True),
    ],
)
def test_other_failure_than_the_signature_is_a_new_one(signature, is_known):
    """
    Only the failure that was agreed on is waived.
    """
    states, standings = applied(failed(), signature=signature)

    assert states == ["waived" if is_known else "broken"]
    assert standings == [WaiverStanding.USED if is_known else WaiverStanding.OTHER_FAILURE]


@pytest.mark.parametrize(
    ("id_", "case", "is_meant"),
    [
        ("lora.swap", "a", True),
        ("lora.*", "a", True),
        ("lora.swap[a]", "a", True),
        ("lora.swap[a*]", "ab", True),
        ("lora.swap[x[0]]", "x[0]", True),
        ("lora.swap[b]", "a", False),
        ("lora.swap[a]", None, False),
        ("load.call", "a", False),
    ],
)
def test_id_names_contract_and_case(id_, case, is_meant):
    """
    Both may be patterns; a case may hold brackets.
    """
    states, _ = applied(failed(case=case), id=id_)

    assert states == ["waived" if is_meant else "broken"]


@pytest.mark.parametrize(
    ("scope", "holds"),
    [
        (Scope(host=">=0.32,<0.33"), True),
        (Scope(host="==0.32.0"), True),
        (Scope(host=">=0.33"), False),
        (Scope(device="cpu"), True),
        (Scope(device="np*"), False),
    ],
)
def test_waiver_holds_in_its_scope_only(scope, holds):
    """
    Elsewhere it waives nothing, and is no fault.
    """
    states, standings = applied(failed(), scope=scope)

    assert states == ["waived" if holds else "broken"]
    assert standings == [WaiverStanding.USED if holds else WaiverStanding.OUT_OF_SCOPE]


def test_waiver_with_a_device_does_not_hold_where_it_is_not_known():
    """
    Nothing is waived on a guess.
    """
    states, _ = applied(
        failed(), scope=Scope(device="*pu"), situation=replace(HERE, device="", host="strange")
    )

    assert states == ["broken"]


@pytest.mark.parametrize(
    ("end", "is_over"),
    [("2026-12-01", False), ("2026-11-30", True), ("0.33.0", False), ("0.32.0", True)],
)
def test_expired_waiver_waives_nothing_and_is_a_fault(end, is_over):
    """
    A date is the last day, a release the first on which it does not hold.
    """
    states, (standing,) = applied(failed(), expires=end)

    assert states == ["broken" if is_over else "waived"]
    assert standing is (WaiverStanding.EXPIRED if is_over else WaiverStanding.USED)
    assert standing.is_fault is is_over


def test_waiver_of_what_passes_is_a_fault():
    """
    It would hide the next failure.
    """
    states, (standing,) = applied(passed("a"), passed("b"))

    assert states == ["passed", "passed"]
    assert standing is WaiverStanding.PASSES
    assert standing.is_fault


def test_waiver_of_a_pattern_is_used_while_one_of_its_cases_fails():
    """
    That others pass is no fault.
    """
    assert applied(passed("a"), failed(case="b"))[1] == [WaiverStanding.USED]


def test_flaky_contract_may_pass():
    """
    That is what flaky means.
    """
    _, (standing,) = applied(passed(), kind=WaiverClass.FLAKY)

    assert standing is WaiverStanding.NOT_JUDGED
    assert not standing.is_fault


@pytest.mark.parametrize(
    ("id_", "standing"),
    [
        ("lora.swap[z]", WaiverStanding.MATCHES_NOTHING),
        ("lora.swop", WaiverStanding.MATCHES_NOTHING),
        ("load.call", WaiverStanding.NOT_SELECTED),
        ("load.*", WaiverStanding.NOT_SELECTED),
    ],
)
def test_waiver_that_matches_nothing_is_a_fault_where_it_could_match(id_, standing):
    """
    Not where its contract was not run.
    """
    assert applied(passed("a"), id=id_)[1] == [standing]


def test_pass_of_a_part_does_not_make_a_waiver_stale():
    """
    The case that fails may be among those that were not run.
    """
    situation = replace(HERE, whole=frozenset())

    assert applied(passed(), situation=situation)[1] == [WaiverStanding.NOT_SELECTED]


@pytest.mark.parametrize("state", [OutcomeState.NOT_APPLICABLE, OutcomeState.HARNESS_ERROR])
def test_what_was_not_judged_says_nothing_of_a_waiver(state):
    """
    Neither is it waived, nor is the waiver a fault.
    """
    states, standings = applied(failed(state=state))

    assert states == [str(state)]
    assert standings == [WaiverStanding.NOT_JUDGED]


def test_unmeasured_is_waived_when_the_signature_says_so():
    """
    A machine without the device can be agreed on.
    """
    unmeasured = failed(state=OutcomeState.NOT_MEASURED, reason="no device")

    assert applied(unmeasured)[0] == ["not-measured"]
    assert applied(unmeasured, signature=Signature(state=OutcomeState.NOT_MEASURED))[0] == [
        "waived"
    ]


def test_second_waiver_of_the_same_is_a_fault():
    """
    The first covers it, and the second is of no use.
    """
    waivers = (KNOWN, replace(KNOWN, id="lora.*"))

    assert applied(failed(), waivers=waivers)[1] == [
        WaiverStanding.USED,
        WaiverStanding.MATCHES_NOTHING,
    ]
