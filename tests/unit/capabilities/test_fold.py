"""The fold of claims and outcomes into rungs and marks."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hwcheck.capabilities.fold import fold
from hwcheck.model.capability import (
    Capability,
    Claim,
    ClaimTest,
    Mark,
    MemberReading,
    Rung,
    Standing,
)
from hwcheck.model.outcome import Outcome, OutcomeState, Refusal
from hwcheck.model.served import EngineSeen, PartSeen

MEMBER = "supports_fp8"
FLAG = f"platform.member[{MEMBER}]"
OTHER = "platform.member[fp8_dtype]"
BUILT = "worker.method[sleep]"


def claim(member: str = MEMBER, test: ClaimTest = ClaimTest.TRUE, operand=None) -> Claim:
    return Claim(member=member, test=test, operand=operand)


def capability(**changes) -> Capability:
    whole = Capability(
        id="quant-fp8",
        title="fp8",
        area="quantization",
        gate="open",
        claims=(claim(),),
        resolved_by=(FLAG, OTHER),
        constructed_by=(BUILT,),
    )
    return replace(whole, **changes)


def reading(name: str = MEMBER, **fields) -> MemberReading:
    return MemberReading(name=name, **({"overridden": True, "read": True, "truth": True} | fields))


def outcome(id_: str, state: OutcomeState = OutcomeState.PASSED, **fields) -> Outcome:
    contract, _, case = id_.partition("[")
    return Outcome(contract=contract, case=case.removesuffix("]") or None, state=state, **fields)


def passed(*ids: str) -> tuple[Outcome, ...]:
    return tuple(outcome(id_) for id_ in ids)


def standing(
    what: Capability, readings: tuple[MemberReading, ...] = (), outcomes: tuple[Outcome, ...] = ()
) -> Standing:
    (only,) = fold((what,), readings, outcomes)
    return only


def test_fold_without_a_reading_knows_nothing():
    """
    A claim that was not read is not measured, and never "no".
    """
    found = standing(capability())

    assert (found.rung, found.marks) == (Rung.E0, (Mark.NOT_MEASURED,))
    assert found.why.startswith("not known whether declared: supports_fp8 not read")


def test_fold_of_a_member_whose_value_is_unknown():
    """
    A member that is there and whose value was not read says neither yes nor no.
    """
    found = standing(capability(), (reading(read=False, truth=False),), passed(FLAG, OTHER))

    assert (found.rung, found.marks) == (Rung.E0, (Mark.NOT_MEASURED,))


def test_fold_of_a_claim_without_outcomes_is_declared():
    """
    No executed check, no rung above the claim.
    """
    found = standing(capability(), (reading(),))

    assert (found.rung, found.marks) == (Rung.E1, (Mark.NOT_MEASURED,))
    assert found.why == (
        "declared by supports_fp8; "
        "not resolved: platform.member[fp8_dtype] did not run (and 1 more)"
    )


@pytest.mark.parametrize(
    ("ids", "rung", "why"),
    [
        (
            (FLAG, OTHER),
            Rung.E2,
            "declared by supports_fp8; resolved; not constructed: worker.method[sleep] did not run",
        ),
        ((FLAG, OTHER, BUILT), Rung.E3, "declared by supports_fp8; resolved; constructed"),
        (
            (FLAG, BUILT),
            Rung.E1,
            "declared by supports_fp8; not resolved: platform.member[fp8_dtype] did not run",
        ),
    ],
)
def test_rung_stands_on_the_rungs_under_it(ids, rung, why):
    """
    Each rung needs all of its evidence, and that of the rungs below.
    """
    found = standing(capability(), (reading(),), passed(*ids))

    assert (found.rung, found.why) == (rung, why)
    assert found.evidence == tuple(sorted(ids, key=lambda id_: (id_ == BUILT, id_)))


SHOWN = "generate.greedy[one]"


def demonstrable(**changes) -> Capability:
    return capability(**{"shown_by": ("generate.greedy[*]",), "runs_on": "worker", **changes})


def engine(*, is_own: bool) -> EngineSeen:
    worker = PartSeen(name="acme.Worker", is_own=is_own)
    return EngineSeen(model="llama", device="", dtype="float32", graph_mode="", worker=worker)


@pytest.mark.parametrize(
    ("is_own", "marks"), [(True, (Mark.NATIVE,)), (False, (Mark.FALLBACK,)), (None, ())]
)
def test_what_an_engine_showed_is_demonstrated(is_own, marks):
    """
    E4 needs its outcomes, and says whose part it ran on where that was seen.
    """
    engines = () if is_own is None else (engine(is_own=is_own),)
    found = fold((demonstrable(),), (reading(),), passed(FLAG, OTHER, BUILT, SHOWN), engines)[0]

    assert (found.rung, found.marks) == (Rung.E4, marks)
    assert found.why == "declared by supports_fp8; demonstrated"
    assert SHOWN in found.evidence


def test_demonstration_alone_stands_for_what_lies_below():
    """
    What ran was constructed on the way: a run of the engine alone is enough.
    """
    found = standing(demonstrable(), (reading(),), passed(SHOWN))

    assert found.rung is Rung.E4


@pytest.mark.parametrize("state", [OutcomeState.BROKEN, OutcomeState.NOT_MEASURED])
def test_demonstration_does_not_stand_on_a_rung_that_failed(state):
    """
    What was tried below and did not pass keeps the rung down.
    """
    outcomes = (*passed(FLAG, OTHER, SHOWN), outcome(BUILT, state, reason="it raises"))

    assert standing(demonstrable(), (reading(),), outcomes).rung is Rung.E2


def test_broken_demonstration_contradicts_and_is_told():
    """
    What an engine got wrong is told beside the rung that stands.
    """
    wrong = outcome(SHOWN, OutcomeState.BROKEN, reason="token 3 is 7")
    found = standing(demonstrable(), (reading(),), (*passed(FLAG, OTHER, BUILT), wrong))

    assert (found.rung, found.marks) == (Rung.E3, (Mark.CONTRADICTED,))
    assert found.why.endswith(
        "constructed; not demonstrated: generate.greedy[one] is broken: token 3 is 7"
    )


def test_undeclared_demonstration_without_claims():
    """
    A capability that no member declares can be demonstrated, and is then undeclared.
    """
    found = standing(demonstrable(claims=(), resolved_by=(), constructed_by=()), (), passed(SHOWN))

    assert (found.rung, found.marks) == (Rung.E4, (Mark.UNDECLARED,))


def test_stand_ins_demonstrate_nothing():
    """
    With stand-ins in the place of the vendor's libraries E2 is the most.
    """
    found = standing(demonstrable(), (reading(),), (outcome(SHOWN, stubbed=True),))

    assert found.rung is Rung.E2


def test_broken_evidence_contradicts_a_claim():
    """
    A declared capability whose evidence is broken keeps its rung and is contradicted.
    """
    broken = outcome(BUILT, OutcomeState.BROKEN, reason="WorkerBase's own:\n  it raises.")

    found = standing(capability(), (reading(),), (*passed(FLAG, OTHER), broken))

    assert (found.rung, found.marks) == (Rung.E2, (Mark.CONTRADICTED,))
    assert found.why == (
        "declared by supports_fp8; resolved; "
        "not constructed: worker.method[sleep] is broken: WorkerBase's own: it raises"
    )


@pytest.mark.parametrize(
    ("state", "mark", "told"),
    [
        (OutcomeState.WAIVED, Mark.WAIVED, "is waived"),
        (OutcomeState.FLAKY, Mark.FLAKY, "is flaky"),
    ],
)
def test_failure_that_is_waived_or_flaky_proves_nothing(state, mark, told):
    """
    It does not contradict the claim as a breach does, and no rung rests on it.
    """
    outcomes = (*passed(FLAG), outcome(OTHER, state, reason="no"))

    found = standing(capability(), (reading(),), outcomes)

    assert (found.rung, found.marks) == (Rung.E1, (mark,))
    assert told in found.why


def test_what_is_waived_does_not_hide_what_is_broken():
    """
    Of several failures the worst is told.
    """
    outcomes = (outcome(FLAG, OutcomeState.BROKEN), outcome(OTHER, OutcomeState.WAIVED))

    assert standing(capability(), (reading(),), outcomes).marks == (Mark.CONTRADICTED,)


def test_broken_construction_is_told_where_nothing_is_resolved():
    """
    The line names what contradicts the claim, even above a rung that was not reached.
    """
    found = standing(capability(), (reading(),), (outcome(BUILT, OutcomeState.BROKEN),))

    assert (found.rung, found.marks) == (Rung.E1, (Mark.CONTRADICTED,))
    assert found.why.endswith("not constructed: worker.method[sleep] is broken")


@pytest.mark.parametrize(
    ("test", "fields", "denial"),
    [
        (ClaimTest.OVERRIDDEN, {"overridden": False}, "supports_fp8 is inherited"),
        (ClaimTest.TRUE, {"truth": False}, "supports_fp8 is false"),
        (ClaimTest.NON_EMPTY, {"truth": False, "text": "[]"}, "supports_fp8 is empty"),
        (ClaimTest.CONTAINS, {"items": ("b",)}, "supports_fp8 has no a"),
    ],
)
def test_readable_claim_that_does_not_hold_is_not_declared(test, fields, denial):
    """
    A member that says "no" in good form passes its contract and shows nothing of the capability.
    """
    what = capability(claims=(claim(test=test, operand="a"),))

    found = standing(what, (reading(**fields),), passed(FLAG, OTHER, BUILT))

    assert (found.rung, found.marks) == (Rung.E0, (Mark.NOT_DECLARED,))
    assert found.why == f"not declared: {denial}"


@pytest.mark.parametrize(
    ("test", "fields"),
    [
        (ClaimTest.OVERRIDDEN, {"read": False}),
        (ClaimTest.TRUE, {}),
        (ClaimTest.NON_EMPTY, {"text": "npu"}),
        (ClaimTest.CONTAINS, {"items": ("b", "a")}),
    ],
)
def test_claim_that_holds_declares(test, fields):
    """
    Each test of a claim holds for what it asks for.
    """
    found = standing(
        capability(claims=(claim(test=test, operand="a"),)), (reading(**fields),), passed(FLAG)
    )

    assert found.rung is Rung.E1


def test_evidence_without_a_claim_is_undeclared():
    """
    What is shown and not claimed has its rung, marked.
    """
    what = capability(resolved_by=(OTHER,))

    found = standing(what, (reading(truth=False),), passed(OTHER, BUILT))

    assert (found.rung, found.marks) == (Rung.E3, (Mark.UNDECLARED,))
    assert found.why == "not declared: supports_fp8 is false; resolved; constructed"


def test_only_the_claims_that_are_made_need_evidence():
    """
    Of several ways to declare, those not taken are neither required nor held against the plugin.
    """
    what = capability(claims=(claim(), claim("fp8_dtype", ClaimTest.OVERRIDDEN)))
    inherited = reading("fp8_dtype", overridden=False)

    found = standing(
        what, (reading(), inherited), (*passed(FLAG), outcome(OTHER, OutcomeState.BROKEN))
    )

    assert (found.rung, found.marks) == (Rung.E2, (Mark.NOT_MEASURED,))


def test_capability_that_no_member_declares_rests_on_evidence():
    """
    Without claims there is nothing to deny, and evidence raises the rung all the same.
    """
    what = capability(claims=(), resolved_by=("load.fork",), constructed_by=())

    assert standing(what).marks == (Mark.NOT_MEASURED,)
    assert standing(what, (), passed("load.fork")).why == (
        "no member of the platform declares it; resolved; no contract constructs it yet"
    )


def test_capability_without_any_evidence_is_not_measured():
    """
    What no contract shows stays unknown, and says so.
    """
    found = standing(capability(claims=(), resolved_by=(), constructed_by=()))

    assert (found.rung, found.marks) == (Rung.E0, (Mark.NOT_MEASURED,))
    assert found.why.endswith("no contract shows more of it yet")


def test_construction_alone_counts_for_both_rungs():
    """
    Where nothing is named for E2, what was constructed was resolved on the way.
    """
    what = capability(resolved_by=())

    assert standing(what, (reading(),), passed(BUILT)).rung is Rung.E3
    assert standing(what, (reading(),)).why.endswith("worker.method[sleep] did not run")


@pytest.mark.parametrize(
    ("state", "told", "marks"),
    [
        (OutcomeState.HARNESS_ERROR, f"hwcheck could not check {OTHER}: r", (Mark.NOT_MEASURED,)),
        (OutcomeState.NOT_MEASURED, f"{OTHER} was not measured: r", (Mark.NOT_MEASURED,)),
        (OutcomeState.NOT_APPLICABLE, f"{OTHER} does not apply: r", ()),
    ],
)
def test_what_was_not_executed_is_no_failure(state, told, marks):
    """
    A fault of hwcheck, or a case that was not run, neither raises a rung nor contradicts.
    """
    what = capability(constructed_by=())

    found = standing(what, (reading(),), (*passed(FLAG), outcome(OTHER, state, reason="r")))

    assert (found.rung, found.marks) == (Rung.E1, marks)
    assert found.why == f"declared by supports_fp8; not resolved: {told}"


def test_blocked_evidence_names_what_blocks_it():
    """
    Without a reason of its own, an unmeasured case names the contract that kept it.
    """
    waiting = outcome(FLAG, OutcomeState.NOT_MEASURED, blocked_by="load.activate")

    found = standing(capability(resolved_by=(FLAG,)), (reading(),), (waiting,))

    assert found.why.endswith(f"{FLAG} was not measured: blocked by load.activate")


def test_closed_gate_is_not_applicable():
    """
    What vLLM keeps to its own platforms is no question to a plugin, claimed or not.
    """
    what = capability(gate="closed", note="Its tables know cuda only.")

    found = standing(what, (reading(),), passed(FLAG, OTHER, BUILT))

    assert (found.rung, found.marks) == (Rung.E0, (Mark.NOT_APPLICABLE,))
    assert found.why == "vLLM does not open it to plugins: Its tables know cuda only"


IDS = (FLAG, OTHER, BUILT, "load.fork")
outcome_lists = st.lists(
    st.builds(outcome, st.sampled_from(IDS), st.sampled_from(list(OutcomeState))), max_size=8
)
reading_lists = st.lists(
    st.builds(
        MemberReading,
        name=st.sampled_from([MEMBER, "fp8_dtype"]),
        overridden=st.booleans(),
        read=st.booleans(),
        truth=st.booleans(),
    ),
    max_size=3,
)
claim_lists = st.lists(
    st.builds(
        claim,
        st.sampled_from([MEMBER, "fp8_dtype"]),
        st.sampled_from([ClaimTest.TRUE, ClaimTest.OVERRIDDEN]),
    ),
    max_size=2,
).map(tuple)
id_sets = st.lists(st.sampled_from(IDS), unique=True, max_size=3).map(tuple)
capabilities = st.builds(
    capability,
    claims=claim_lists,
    resolved_by=id_sets,
    constructed_by=id_sets,
    shown_by=id_sets,
    gate=st.sampled_from(["open", "closed"]),
)


@given(what=capabilities, readings=reading_lists, outcomes=outcome_lists, data=st.data())
def test_breaking_a_passed_outcome_never_raises_a_rung(what, readings, outcomes, data):
    """
    Worse evidence is never a better standing.
    """
    index = data.draw(st.integers(0, len(outcomes)))
    worse = [
        replace(item, state=OutcomeState.BROKEN)
        if place == index and item.state is OutcomeState.PASSED
        else item
        for place, item in enumerate(outcomes)
    ]

    assert standing(what, readings, worse).rung <= standing(what, readings, outcomes).rung


@given(what=capabilities, readings=reading_lists, outcomes=outcome_lists)
def test_nothing_executed_raises_no_rung(what, readings, outcomes):
    """
    Without a passed outcome a claim is all there is.
    """
    idle = [item for item in outcomes if item.state is not OutcomeState.PASSED]

    assert standing(what, readings, idle).rung <= Rung.E1


@given(what=capabilities, readings=reading_lists, outcomes=outcome_lists, data=st.data())
def test_order_does_not_matter(what, readings, outcomes, data):
    """
    The same evidence in another order gives the same standing.
    """
    shuffled = data.draw(st.permutations(outcomes))
    turned = data.draw(st.permutations(readings))

    assert fold((what,), turned, shuffled) == fold((what,), readings, outcomes)


def test_standings_are_sorted_by_id():
    """
    The order of the taxonomy does not show.
    """
    found = fold((capability(id="b"), capability(id="a")), (), ())

    assert [item.capability for item in found] == ["a", "b"]


@pytest.mark.parametrize("refusal", [Refusal.CLEAN, Refusal.CRASHED])
def test_fold_of_what_is_claimed_and_refused_is_contradicted(refusal):
    """
    A configuration that asks for it is refused, so whatever can be built of it is of no use.
    """
    asked = outcome("refusal.configuration[quant-fp8]", refusal=refusal)

    found = standing(capability(), (reading(),), (*passed(FLAG, OTHER, BUILT), asked))

    assert found.rung is Rung.E1
    assert found.marks == (Mark.CONTRADICTED, Mark(refusal.value))
    assert f"asked for, it is {refusal}" in found.why


def test_fold_of_what_is_left_out_says_so():
    """
    Switched off without a word: the claim stands, with the mark beside it.
    """
    asked = outcome("refusal.configuration[quant-fp8]", refusal=Refusal.IGNORED)

    found = standing(capability(), (reading(),), (*passed(FLAG, OTHER, BUILT), asked))

    assert (found.rung, found.marks) == (Rung.E3, (Mark.IGNORED_SILENTLY,))


def test_fold_of_what_is_not_claimed_and_refused():
    """
    A refusal is what a user should get; it raises nothing.
    """
    asked = outcome("refusal.configuration[quant-fp8]", refusal=Refusal.CLEAN)

    found = standing(capability(), (reading(truth=False),), (asked,))

    assert found.rung is Rung.E0
    assert Mark.REFUSED_CLEANLY in found.marks
    assert Mark.CONTRADICTED not in found.marks


@pytest.mark.parametrize(
    ("outcomes", "rung"),
    [
        ((), Rung.E2),
        (passed("operator.value[RMSNorm]"), Rung.E3),
        (passed("operator.value[RMSNorm]", "operator.value[Gelu]"), Rung.E3),
        (
            (
                *passed("operator.value[RMSNorm]"),
                outcome("operator.value[Gelu]", OutcomeState.BROKEN),
            ),
            Rung.E2,
        ),
        (
            (
                *passed("operator.value[RMSNorm]"),
                outcome("operator.value[Gelu]", OutcomeState.NOT_APPLICABLE),
            ),
            Rung.E3,
        ),
        ((outcome("operator.value", OutcomeState.NOT_APPLICABLE),), Rung.E2),
    ],
    ids=["none", "one", "two", "broken", "one-applies", "not-applicable"],
)
def test_fold_of_cases_that_differ_from_run_to_run(outcomes, rung):
    """
    All that a run has of a contract count, and none is no evidence.
    """
    what = capability(constructed_by=("operator.value[*]",))

    found = standing(what, (reading(),), (*passed(FLAG, OTHER), *outcomes))

    assert found.rung is rung


def test_fold_of_stubbed_outcomes_ends_at_resolved():
    """
    What was constructed with stand-ins for the vendor's libraries was not really constructed.
    """
    stubbed = tuple(replace(item, stubbed=True) for item in passed(FLAG, OTHER, BUILT))

    found = standing(capability(), (reading(),), stubbed)
    alone = standing(capability(resolved_by=()), (reading(),), stubbed[2:])

    assert (found.rung, alone.rung) == (Rung.E2, Rung.E2)
    assert found.why.endswith("resolved; constructed with stand-ins for the vendor's modules only")


@given(st.lists(st.sampled_from((FLAG, OTHER, BUILT)), unique=True), st.booleans())
def test_stubbed_outcomes_never_raise_a_rung_above_resolved(ids, declared):
    """
    Whatever passed with them.
    """
    stubbed = tuple(replace(item, stubbed=True) for item in passed(*ids))

    assert standing(capability(), (reading(truth=declared),), stubbed).rung <= Rung.E2
