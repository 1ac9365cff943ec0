"""What has to be seen to happen in a trial, beside answers that are right."""

from contextlib import contextmanager
from types import SimpleNamespace

import pytest

from hwcheck.exercise.preparation import Unprepared
from hwcheck.exercise.serving.engine import Answer, Step
from hwcheck.exercise.serving.pairs import acts
from hwcheck.exercise.serving.pairs.trials import Trial
from hwcheck.exercise.serving.recipe import DENSE
from hwcheck.exercise.verdicts import kept
from hwcheck.model.examination import CaseState
from hwcheck.model.outcome import Refusal


class Engine:
    """Serves whatever it is asked, in one step a request, with tokens that a function makes."""

    def __init__(self, make=lambda ask: (7,) * 24, *, cached=64, pieces=4, counts=(0, 5)):
        self.given = SimpleNamespace(
            context=256,
            block_size=32,
            step_tokens=64,
            dtype="float32",
            has_prefix_cache=True,
            has_chunked_prefill=True,
        )
        self.config = SimpleNamespace(
            scheduler_config=SimpleNamespace(async_scheduling=True),
            cache_config=SimpleNamespace(cache_dtype="fp8"),
        )
        self.make, self.cached, self.pieces = make, cached, pieces
        self.counts = iter(counts)
        self.free = [9] * 9
        self.asks, self.aborted, self.steps = {}, [], []
        self.answers_aborted = False

    def forget(self):
        return True

    def add(self, asks):
        names = [f"r{len(self.asks) + number}" for number in range(len(asks))]
        self.asks |= dict(zip(names, asks, strict=True))
        return names

    def step(self):
        return {}

    def abort(self, names):
        self.aborted += names

    def first(self, asks):
        return [self._answer(ask) for ask in asks]

    def run(self):
        done = {}
        for name, ask in self.asks.items():
            if name not in self.aborted or self.answers_aborted:
                size = len(ask.prompt) // self.pieces + 1
                self.steps += [Step(tokens={name: size})] * self.pieces
                done[name] = [self._answer(ask)]
        self.asks = {}
        return done

    def free_blocks(self):
        return self.free.pop(0) if len(self.free) > 1 else self.free[0]

    def counted(self, name):
        return next(self.counts)

    @contextmanager
    def watched(self):
        self.steps = []
        yield self.steps

    def _answer(self, ask):
        return Answer(
            tokens=self.make(ask),
            text="",
            finish="length",
            stop=None,
            logprobs=None,
            prompt_logprobs=None,
            cached=self.cached,
        )


@pytest.fixture
def carried_out(monkeypatch):
    """
    Carry out a trial whose answers are right.
    """
    monkeypatch.setattr(acts, "judged_answers", lambda *given: kept())

    def run(engine, *kinds, settings=()):
        trial = Trial(settings=frozenset(settings), kinds=frozenset(kinds))
        return acts.carried_out(None, engine, None, DENSE, trial)

    return run


@pytest.mark.parametrize(
    ("kinds", "settings"),
    [
        (("prefix-caching",), ()),
        (("chunked-prefill",), ()),
        (("abort",), ("async-scheduling",)),
        ((), ("kv-cache-dtype-fp8", "preemption")),
    ],
)
def test_what_happened_is_kept(kinds, settings, carried_out):
    """
    Answers that are right, and the proof that both had a part.
    """
    assert carried_out(Engine(), *kinds, settings=settings).state is CaseState.KEPT


def test_counted_effect_is_told(carried_out):
    """
    The engine's own counter is the proof, and a figure of the case.
    """
    case = carried_out(Engine(counts=(2, 5)), settings=("preemption",))

    assert [(item.name, item.value) for item in case.figures] == [("counted for preemption", 3)]


@pytest.mark.parametrize(
    ("engine", "kinds", "settings", "told"),
    [
        (Engine(cached=0), ("prefix-caching",), (), "came out of the cache"),
        (Engine(pieces=1), ("chunked-prefill",), (), "in [1, 1, 1] pieces"),
        (Engine(counts=(3, 3)), (), ("preemption",), "counts nothing for preemption"),
    ],
)
def test_what_did_not_happen_is_not_measured(engine, kinds, settings, told, carried_out):
    """
    Right answers alone do not show that anything was combined.
    """
    case = carried_out(engine, *kinds, settings=settings)

    assert case.state is CaseState.NOT_MEASURED
    assert told in case.reason


def test_what_the_configuration_leaves_out_is_refused(carried_out):
    """
    A plugin may switch off what it cannot do together.
    """
    engine = Engine()
    engine.config.scheduler_config.async_scheduling = False
    engine.given.has_prefix_cache = False

    case = carried_out(engine, "prefix-caching", settings=("async-scheduling",))

    assert (case.state, case.refusal) == (CaseState.NOT_APPLICABLE, Refusal.CLEAN)
    assert case.reason.startswith("async-scheduling, prefix-caching is switched off")


def test_counter_that_is_not_there_shows_nothing(carried_out):
    """
    Some releases do not count that.
    """

    def missing(name):
        raise LookupError("no counter")

    engine = Engine()
    engine.counted = missing

    with pytest.raises(Unprepared, match="no counter"):
        carried_out(engine, settings=("preemption",))


def test_request_that_was_taken_back_is_not_answered(carried_out):
    """
    An engine that goes on with it, or keeps its blocks, breaks the pair.
    """
    answering, keeping = Engine(), Engine()
    answering.answers_aborted = True
    keeping.free = [9, 8]

    answered, kept_blocks = carried_out(answering, "abort"), carried_out(keeping, "abort")

    assert answered.reason == "a request that was taken back is answered"
    assert kept_blocks.reason == "9 blocks were free before the requests, 8 after them"


def drawn(ask):
    return (ask.how["seed"],) * 24


def test_seeds_decide_about_samples(carried_out):
    """
    The same ones give the same tokens, others do not.
    """
    runs = iter(range(100))

    assert carried_out(Engine(drawn), "seeds").state is CaseState.KEPT
    unsteady = carried_out(Engine(lambda ask: (next(runs),) * 24), "seeds")
    constant = carried_out(Engine(), "seeds")
    assert unsteady.reason.startswith("the same seeds give")
    assert constant.reason.startswith("other seeds give the same answers")


def test_seeds_are_not_judged_where_rounding_decides(carried_out):
    """
    In half precision, a batch of another form may give other tokens.
    """
    engine = Engine(drawn)
    engine.given.dtype = "bfloat16"

    assert carried_out(engine, "seeds").state is CaseState.NOT_MEASURED
