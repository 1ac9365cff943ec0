"""Which engines and requests show which pairs, and how a failure is traced."""

import pytest

from hwcheck.exercise.bench import Bench
from hwcheck.exercise.serving.pairs import combined
from hwcheck.exercise.serving.pairs.cover import planned
from hwcheck.exercise.serving.pairs.partners import PARTNERS
from hwcheck.exercise.serving.pairs.trials import Trial
from hwcheck.exercise.serving.recipe import DENSE, DRAFT, WINDOW
from hwcheck.exercise.verdicts import broken, kept, not_applicable
from hwcheck.model.examination import CaseState
from hwcheck.model.pairs import PlannedEngine
from hwcheck.probe.attribution import Attribution

NAMES = ("async-scheduling", "attn-sliding-window", "lora", "seeds")


@pytest.fixture
def bench():
    return Bench(
        platform=None,
        attribution=Attribution.of_host(),
        host_version="",
        seed=0,
        control=False,
        demonstrated=NAMES,
    )


@pytest.fixture
def traced(bench, monkeypatch):
    """
    Examine the only engine of a plan with trials that end as a function says.
    """

    def examine(verdict):
        tried = []

        def try_out(bench, order, trial):
            tried.append((order, trial))
            return verdict(order, trial)

        monkeypatch.setattr(combined, "_tried", try_out)
        monkeypatch.setattr(combined, "_off", lambda bench, order, trial: set())
        cases = list(combined.EXAMINATIONS["pairs.combined/0"](bench))
        return {case.name: case for case in cases}, tried

    return examine


def test_engine_has_what_its_partners_change():
    """
    Arguments, model and draft come from whoever has some.
    """
    order = combined.order_of("attn-sliding-window", "lora", "spec-decode-model")

    assert (order.recipe, order.draft) == (WINDOW, DRAFT)
    assert order.changes["enable_lora"] is True
    assert combined.order_of("seeds").recipe == DENSE


def test_partners_of_one_engine_do_not_change_the_same():
    """
    What one partner sets, another of the same engine would overwrite in silence.
    """
    for engine in planned(PARTNERS).engines:
        keys = [key for name in (*engine.settings, *engine.kinds) for key in PARTNERS[name].changes]
        recipes = [name for name in engine.settings if PARTNERS[name].recipe]
        assert len(set(keys)) == len(keys)
        assert len(recipes) < 2


def test_trials_show_each_pair_of_an_engine_once():
    """
    Settings by requests that ask for nothing, the others by what they ask for.
    """
    engine = PlannedEngine(
        settings=("a", "b"), kinds=("x", "y"), pairs=("a+b", "a+x", "b+x", "a+y", "b+y", "x+y")
    )

    found = {tuple(sorted(trial.kinds)): pairs for trial, pairs in combined.trials_of(engine)}

    assert found == {
        (): ("a+b",),
        ("x",): ("a+x", "b+x"),
        ("y",): ("a+y", "b+y"),
        ("x", "y"): ("x+y",),
    }


def test_engine_without_a_failure_is_the_only_one(traced):
    """
    All pairs are shown by the engine that has all of it.
    """
    cases, tried = traced(lambda order, trial: kept())

    assert len(cases) == 6
    assert {case.state for case in cases.values()} == {CaseState.KEPT}
    assert len({repr(order) for order, _ in tried}) == 1


def test_failure_is_traced_to_the_pair(traced):
    """
    In engines with nothing else, the others of the trial hold.
    """
    guilty = {"async-scheduling", "seeds"}

    cases, _ = traced(
        lambda order, trial: broken("seed lost") if guilty <= trial.everything else kept()
    )

    assert {name for name, case in cases.items() if case.state is CaseState.BROKEN} == {
        "async-scheduling+seeds",
        # Left out where the pair is known to be broken, which may be in another engine.
        "async-scheduling+attn-sliding-window+lora+seeds",
    }


def test_failure_of_more_than_two_is_told_by_all_names(traced):
    """
    Each pair holds by itself, and what was found together is not lost.
    """
    cases, _ = traced(
        lambda order, trial: broken("too much") if len(trial.everything) > 2 else kept()
    )

    broken_ones = [name for name, case in cases.items() if case.state is CaseState.BROKEN]
    assert sorted(broken_ones) == [
        "async-scheduling+attn-sliding-window+lora",
        "async-scheduling+attn-sliding-window+lora+seeds",
        "async-scheduling+attn-sliding-window+seeds",
    ]


def test_refusal_of_a_mixture_is_asked_again(traced):
    """
    That an engine with all of it is refused says nothing about a pair.
    """
    cases, tried = traced(
        lambda order, trial: not_applicable("no") if len(trial.settings) > 1 else kept()
    )

    assert cases["async-scheduling+lora"].state is CaseState.KEPT
    assert cases["async-scheduling+attn-sliding-window"].state is CaseState.NOT_APPLICABLE
    assert (
        combined.order_of("async-scheduling", "lora"),
        trial_of("async-scheduling", "lora"),
    ) in (tried)


def trial_of(setting, kind):
    return Trial(settings=frozenset({setting}), kinds=frozenset({kind}))


def test_tracing_ends_with_the_time(traced, bench):
    """
    A pair that was not traced is not measured; what was found with it is told.
    """
    bench.limit = -1.0

    cases, tried = traced(lambda order, trial: broken("seed lost"))

    assert {case.state for case in cases.values()} == {CaseState.NOT_MEASURED}
    assert "seed lost" in cases["async-scheduling+seeds"].reason
    assert len({repr(order) for order, _ in tried}) == 1


def test_engine_that_is_not_planned_shows_nothing(bench):
    """
    There are more examinations than any plan has engines.
    """
    assert list(combined.EXAMINATIONS["pairs.combined/40"](bench)) == []


def test_what_is_off_by_itself_is_off_beside_all(bench, monkeypatch):
    """
    A setting that the plugin switches off costs one more engine, not one for each pair.
    """
    tried = []

    def try_out(bench, order, trial):
        tried.append(trial)
        return not_applicable("off") if "async-scheduling" in trial.settings else kept()

    monkeypatch.setattr(combined, "_tried", try_out)
    monkeypatch.setattr(
        combined, "_off", lambda bench, order, trial: trial.everything & {"async-scheduling"}
    )

    cases = {case.name: case for case in combined.EXAMINATIONS["pairs.combined/0"](bench)}

    assert cases["async-scheduling+seeds"].state is CaseState.NOT_APPLICABLE
    assert cases["attn-sliding-window+seeds"].state is CaseState.KEPT
    alone = [trial for trial in tried if trial.settings == {"async-scheduling"}]
    assert len(alone) == 1
