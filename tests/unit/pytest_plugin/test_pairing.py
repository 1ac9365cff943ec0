"""From what was demonstrated to pairs, and from their engines to outcomes."""

from dataclasses import replace

import pytest

from hwcheck.model.contract import Contract, Profile
from hwcheck.model.examination import CaseState, Examined, ExaminedCase
from hwcheck.model.observation import (
    Activated,
    Called,
    Child,
    Death,
    Observation,
    Raised,
    Step,
    StepName,
    StepState,
)
from hwcheck.model.outcome import Cause, OutcomeState
from hwcheck.model.pairs import PairPlan, PlannedEngine
from hwcheck.observe.conditions import PAIRS
from hwcheck.pytest_plugin.evidence import Evidence
from hwcheck.pytest_plugin.pairing import Paired, demonstrated, judge_pairs
from hwcheck.pytest_plugin.verdicts import Cases, HarnessFault, NotApplicable, NotMeasured

CONTRACT = Contract(
    id="pairs.combined",
    profile=Profile.P4,
    title="They go together",
    relied_on_by="users",
    remedy="look",
    examined_in=PAIRS,
    group=PAIRS,
)
ENGINE = PlannedEngine(settings=("a",), kinds=("x", "y"), pairs=("a+x", "a+y"))
SECOND = PlannedEngine(settings=("b",), kinds=("x",), pairs=("b+x",))
PLAN = PairPlan(partners=("a", "b", "x", "y"), engines=(ENGINE, SECOND), left=("a+b",))


def child(name, *steps):
    return Child(
        name=name, steps=steps, cause=None, ended="exit 0", seconds=1.0, peak_bytes=1, tail=""
    )


def done(name, answer, subject=""):
    return Step(name=name, subject=subject, state=StepState.DONE, answer=answer)


def cases(*found):
    return Examined(cases=tuple(found), examples=0)


def kept(name=""):
    return ExaminedCase(name=name, state=CaseState.KEPT)


def broken(name=""):
    return ExaminedCase(name=name, state=CaseState.BROKEN, reason="wrong")


def evidence_of(*children):
    answered = Called(type="str", text="'a.B'", value="a.B")
    return Evidence(
        observation=Observation(
            children=(
                child("staged", done(StepName.CALL, answered, "acme")),
                child("active", done(StepName.ACTIVATE, Activated(type="x.Y", is_plugin=True))),
                *children,
            )
        ),
        platform_points=("acme",),
        own_modules=frozenset({"acme"}),
    )


def engine(number, *found, **changes):
    step = done(StepName.EXAMINE, cases(*found), f"pairs.combined/{number}")
    return replace(step, **changes)


def outcomes_of(*steps, plan=PLAN):
    with pytest.raises(Cases) as found:
        judge_pairs(Paired(evidence=evidence_of(child(PAIRS, *steps)), plan=plan), CONTRACT)
    return {item.case: item for item in found.value.outcomes}


def test_pairs_of_all_engines_are_outcomes():
    """
    Each pair is a case, whichever engine shows it.
    """
    found = outcomes_of(engine(0, kept("a+x"), broken("a+y")), engine(1, kept("b+x")))

    assert {name: item.state for name, item in found.items()} == {
        "a+x": OutcomeState.PASSED,
        "a+y": OutcomeState.BROKEN,
        "b+x": OutcomeState.PASSED,
    }
    assert found["a+y"].id == "pairs.combined[a+y]"


def test_engine_that_died_names_all_that_was_in_it():
    """
    Which of its pairs is to blame is not known, so none of them is.
    """
    death = Death(cause=Cause.KILLED_BY_SIGNAL, ended="was killed by SIGSEGV", tail="")

    found = outcomes_of(
        engine(0, state=StepState.DIED, answer=None, death=death), engine(1, kept("b+x"))
    )

    assert found["a+x+y"].state is OutcomeState.BROKEN
    assert "SIGSEGV" in found["a+x+y"].reason
    assert found["a+x"].state is found["a+y"].state is OutcomeState.NOT_MEASURED
    assert found["b+x"].state is OutcomeState.PASSED


def test_engine_that_was_not_reached_breaks_nothing():
    """
    Its pairs are not measured.
    """
    found = outcomes_of(engine(0, kept("a+x"), kept("a+y")))

    assert set(found) == {"a+x", "a+y", "b+x"}
    assert found["b+x"].state is OutcomeState.NOT_MEASURED


@pytest.mark.parametrize("in_plugin", [True, False])
def test_exception_in_an_engine_is_the_plugins_by_its_line(in_plugin):
    """
    Without a line of the plugin's it is a fault of hwcheck's.
    """
    raised = Raised(type="RuntimeError", message="no", trace=(), in_plugin=in_plugin)
    steps = engine(0, state=StepState.RAISED, answer=None, raised=raised), engine(1, kept("b+x"))

    if in_plugin:
        assert outcomes_of(*steps)["a+x+y"].state is OutcomeState.BROKEN
    else:
        paired = Paired(evidence=evidence_of(child(PAIRS, *steps)), plan=PLAN)
        with pytest.raises(HarnessFault, match="RuntimeError: no"):
            judge_pairs(paired, CONTRACT)


def test_failure_of_many_is_explained_by_a_pair():
    """
    What fails with two fails with three, in whichever engine the two were tried.
    """
    found = outcomes_of(
        engine(0, kept("a+x"), kept("a+y"), broken("a+b+x"), broken("a+x+y")),
        engine(1, broken("b+x")),
    )

    assert set(found) == {"a+x", "a+y", "b+x", "a+x+y"}


def test_one_ability_makes_no_pair():
    """
    Nothing is asked of a plugin with which only one is demonstrated.
    """
    plan = PairPlan(partners=("lora",), engines=())

    with pytest.raises(NotApplicable, match="lora was demonstrated"):
        judge_pairs(Paired(evidence=evidence_of(), plan=plan), CONTRACT)


def test_pairs_that_are_all_left_out_are_not_measured():
    """
    A plan without engines shows nothing.
    """
    plan = PairPlan(partners=("a", "b"), engines=(), left=("a+b",))

    with pytest.raises(NotMeasured, match=r"a\+b"):
        judge_pairs(Paired(evidence=evidence_of(), plan=plan), CONTRACT)


def serving_contract(id_):
    return replace(CONTRACT, id=id_, profile=Profile.P2, examined_in="serving", group="")


def test_what_was_demonstrated_is_found_in_the_outcomes():
    """
    All that shows an ability must have passed; a capability's evidence is that of its rung.
    """
    evidence = evidence_of(
        child(
            "serving",
            done(StepName.EXAMINE, cases(kept()), "scheduling.preemption"),
            done(StepName.EXAMINE, cases(kept("alone"), broken("different")), "sampling.seed"),
            done(StepName.EXAMINE, cases(kept("hit"), kept("salt")), "cache.prefix"),
            done(StepName.EXAMINE, cases(kept()), "sampling.bias"),
        )
    )
    ids = ("scheduling.preemption", "sampling.seed", "cache.prefix", "sampling.bias", "lora.none")

    found = demonstrated(evidence, [CONTRACT, *map(serving_contract, ids)])

    assert found == ("preemption", "prefix-caching")
