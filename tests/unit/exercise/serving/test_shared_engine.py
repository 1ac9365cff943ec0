"""What comes of an exception while an engine is examined."""

import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from types import ModuleType, SimpleNamespace
from typing import Any

import pytest

from hwcheck.exercise.bench import Bench
from hwcheck.exercise.preparation import Unprepared
from hwcheck.exercise.serving.engine import Engine, Given
from hwcheck.exercise.serving.recipe import EMBEDDING, Recipe
from hwcheck.exercise.serving.reference_client import Reference, ReferenceFailed
from hwcheck.exercise.serving.shared_engine import (
    Ability,
    Order,
    Serving,
    charged,
    with_engine,
)
from hwcheck.exercise.verdicts import broken
from hwcheck.model.examination import CaseState, ExaminedCase
from hwcheck.model.outcome import Refusal
from hwcheck.probe.attribution import Attribution
from hwcheck.probe.ownership import Ownership

ADAPTERS = Ability(words="engines with adapters", contract="family.lora.tokens")
#: Its device is here in every process, so that a failure is one of the plugin's.
PLATFORM = SimpleNamespace(device_type="here-for-engines")
GIVEN = Given(
    # Too small for prompts of several lengths.
    context=2,
    requests=1,
    step_tokens=2,
    block_size=2,
    blocks=None,
    has_prefix_cache=False,
    has_chunked_prefill=False,
    dtype="float32",
)


class Running(Serving):
    """Has an engine that was started elsewhere."""

    def __init__(self, bench: Bench, engine: Any) -> None:
        super().__init__(bench)
        self.running = engine

    def engine(self, order: Order, ability: Ability | None = None) -> Engine:
        return self.running

    def reference(self, recipe: Recipe) -> Reference:
        return Reference(Path("nowhere"))


class Settled(Serving):
    """Starts engines for nothing but embeddings once it has started one for them."""

    has_settled = False

    def _started(self, order: Order) -> Any:
        if self.has_settled and order.recipe != EMBEDDING:
            raise ValueError("no chunked prefill in a process for embeddings")
        if order.changes and order.recipe != EMBEDDING:
            raise ValueError("no such thing here")
        self.has_settled = order.recipe == EMBEDDING
        return SimpleNamespace(is_spoilt=False, stop=lambda: None)


def made_bench() -> Bench:
    return Bench(
        platform=PLATFORM,
        attribution=Attribution(Ownership(names=("acme_plugin",), folders=(), files=())),
        host_version="0.32.0",
        seed=0,
        control=False,
    )


@pytest.fixture
def examined(monkeypatch: pytest.MonkeyPatch) -> Callable[..., list[ExaminedCase]]:
    """
    Examine with a function that raises, on an engine that is spoilt by it or not.
    """
    monkeypatch.setitem(sys.modules, "torch", SimpleNamespace(empty=lambda size, device: size))

    def examine(act: Callable[[], None], *, is_spoilt: bool = False) -> list[ExaminedCase]:
        bench = made_bench()
        engine = SimpleNamespace(is_spoilt=is_spoilt, given=GIVEN)
        bench.shared["serving"] = Running(bench, engine)

        @with_engine(Order())
        def body(bench: Bench, engine: Engine, reference: Reference) -> Iterator[ExaminedCase]:
            act()
            yield from ()

        return list(body(bench))

    return examine


def raising(error: Exception, module: str) -> Callable[[], None]:
    """
    A function of that module which raises.
    """
    made = ModuleType(module)
    exec("def act(error):\n    raise error\n", vars(made))
    return lambda: made.act(error)


@pytest.mark.parametrize("module", ["vllm.v1.engine", "acme_plugin.worker"])
def test_what_the_host_or_the_plugin_raises_breaks_the_contract(examined, module: str):
    """
    A request that ends in an exception is one that crashed.
    """
    (case,) = examined(raising(KeyError("slot"), module))

    assert (case.state, case.refusal) == (CaseState.BROKEN, Refusal.CRASHED)


def test_refusal_is_no_breach(examined):
    """
    A ValueError before the engine worked on the request is a clean refusal.
    """
    (case,) = examined(raising(ValueError("no prompt logprobs here"), "vllm.v1.engine"))

    assert (case.state, case.refusal) == (CaseState.NOT_APPLICABLE, Refusal.CLEAN)


def test_refusal_without_a_word_is_not_clean(examined):
    """
    Nobody can tell from it what was refused.
    """
    (case,) = examined(raising(NotImplementedError(), "vllm.v1.worker"))

    assert (case.state, case.refusal) == (CaseState.NOT_APPLICABLE, Refusal.CRASHED)


def test_refusal_that_spoils_the_engine_is_a_breach(examined):
    """
    In a step, the same exception takes the engine down with all its requests.
    """
    (case,) = examined(raising(ValueError("no"), "vllm.v1.engine"), is_spoilt=True)

    assert (case.state, case.refusal) == (CaseState.BROKEN, Refusal.CRASHED)


@pytest.mark.parametrize("error", [ReferenceFailed("it ended"), IndexError("row 7")])
def test_fault_of_ours_is_never_the_plugins(examined, error: Exception):
    """
    What neither vLLM nor the plugin has a line in leaves the examination as it is.
    """
    with pytest.raises(type(error)):
        examined(raising(error, "hwcheck.exercise.serving.generation"))


@pytest.mark.parametrize("ability", [None, ADAPTERS], ids=["plain", "with-adapters"])
@pytest.mark.parametrize("is_control", [True, False])
def test_start_that_fails_excuses_no_more_than_a_start(is_control: bool, ability: Ability | None):
    """
    In a control it is told of the contract about it; of a plugin, of whichever comes first.
    """
    bench = made_bench()
    bench.control = is_control
    start = "engine.start" if ability is None else ability.contract
    told = {}
    for bench.contract in (start, "sampling.bias"):
        case = charged(bench, broken("no memory"), ability)
        told[bench.contract] = (case.state, case.blocked_by)

    assert told[start] == (CaseState.BROKEN, None)
    expected = (CaseState.NOT_MEASURED, start) if is_control else (CaseState.BROKEN, None)
    assert told["sampling.bias"] == expected


def test_ability_is_not_what_a_spoilt_process_refuses(monkeypatch: pytest.MonkeyPatch):
    """
    After an engine for another kind of model, the plain one has to start again.
    """
    arguments = ModuleType("vllm.engine.arg_utils")
    fields = {"enable_sleep_mode": None, "runner": None}
    arguments.EngineArgs = SimpleNamespace(__dataclass_fields__=fields)  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, "vllm.engine.arg_utils", arguments)
    monkeypatch.setitem(sys.modules, "torch", SimpleNamespace(empty=lambda size, device: size))
    shared = Settled(made_bench())
    sleeping = Order(changes={"enable_sleep_mode": True})
    other = Order(changes={"enable_sleep_mode": False})
    ability = Ability(words="engines that sleep", contract="family.sleep.wake-up")

    with pytest.raises(Unprepared) as before:
        shared.engine(sleeping, ability)
    shared.engine(Order(recipe=EMBEDDING, changes={"runner": "pooling"}))
    with pytest.raises(Unprepared) as after:
        shared.engine(other, ability)

    assert before.value.case.state is CaseState.NOT_APPLICABLE
    assert after.value.case.state is CaseState.NOT_MEASURED
    assert after.value.case.blocked_by == "engine.start"
