"""Examinations: keys and values that one engine saves, and that another one loads."""

import shutil
from collections.abc import Callable, Iterator
from dataclasses import replace
from importlib import import_module
from pathlib import Path

from hwcheck.exercise.bench import Bench, Examination
from hwcheck.exercise.serving.asking import compared, greedy, judged, worst
from hwcheck.exercise.serving.engine import Ask, Engine
from hwcheck.exercise.serving.prompts import PROMPTS
from hwcheck.exercise.serving.recipe import DENSE
from hwcheck.exercise.serving.reference_client import Reference
from hwcheck.exercise.serving.shared_engine import Ability, Order, with_engine
from hwcheck.exercise.starts import Starting
from hwcheck.exercise.verdicts import broken, kept, not_applicable, not_measured
from hwcheck.model.examination import ExaminedCase
from hwcheck.model.outcome import Figure, Refusal

__all__ = ["EXAMINATIONS", "loadable"]

_SAVED, _LOADED = "family.kv-transfer.saved", "family.kv-transfer.loaded"
_ABILITY = Ability(words="engines that hand keys and values on", contract=_SAVED)
#: In the child's own folder.
_STORE = Path("hwcheck-kv-transfer")
#: vLLM's own connector that needs no other library, by its names so far.
_CONNECTORS = ("ExampleConnector", "SharedStorageConnector")
_HITS = "vllm:external_prefix_cache_hits"
#: As many as are longer than a block.
_PROMPTS = tuple(prompt for prompt in PROMPTS if len(prompt) > 40)[:3]
_NEW = 12


def loadable(tokens: int, block_size: int) -> int:
    """How many tokens of a prompt can be loaded: whole blocks, without the last token."""
    return (tokens - 1) // block_size * block_size


def _order(connector: str, role: str) -> Order:
    return Order(
        changes={
            "kv_transfer_config": {
                "kv_connector": connector,
                "kv_role": role,
                "kv_connector_extra_config": {"shared_storage_path": str(_STORE)},
            },
            # The connector saves what is there after the first step of a prompt.
            "max_num_batched_tokens": 512,
        }
    )


def _known_connector() -> str:
    factory = import_module("vllm.distributed.kv_transfer.kv_connector.factory")
    known = factory.KVConnectorFactory._registry
    return next((name for name in _CONNECTORS if name in known), "")


def _asks(engine: Engine) -> list[Ask]:
    """The prompts that the engine takes in one step, because of the rest nothing is saved."""
    room = min(engine.given.step_tokens, engine.given.context - _NEW)
    return [greedy(prompt, max_tokens=_NEW) for prompt in _PROMPTS if len(prompt) <= room]


def _with_role(
    role: str, examine: Callable[[Bench, Engine, Reference], Iterator[ExaminedCase]]
) -> Starting:
    def whole(bench: Bench) -> Iterator[ExaminedCase]:
        connector = _known_connector()
        if not connector:
            yield not_applicable("this vLLM has no connector that needs no other library")
            return
        yield from with_engine(_order(connector, role), _ABILITY)(examine)(bench)

    # Which connector this vLLM has is known beside it only.
    return Starting(examine=whole, wants=(_order(_CONNECTORS[0], role).words,))


def _saved(bench: Bench, engine: Engine, reference: Reference) -> Iterator[ExaminedCase]:
    _empty(bench)
    asks = _asks(engine)
    if not asks:
        yield not_measured(f"a step takes no more than {engine.given.step_tokens} tokens")
        return
    answers = [engine.first([ask])[0] for ask in asks]
    bench.shared[_SAVED] = True
    yield judged("tokens", worst(compared(engine, reference, asks, answers)))
    files = len(list(_STORE.rglob("*.safetensors")))
    wanted = len(asks) * DENSE.layers
    figures = [Figure(name="layers saved", value=files)]
    if files == wanted:
        yield kept("saved", figures=figures)
    else:
        reason = f"of {len(asks)} prompts, {files} layers are saved, not {wanted}"
        case = broken(reason, "saved", figures=figures)
        yield case if files else replace(case, refusal=Refusal.IGNORED)


def _loaded(bench: Bench, engine: Engine, reference: Reference) -> Iterator[ExaminedCase]:
    asks = _asks(engine)
    if not asks:
        yield not_measured(f"a step takes no more than {engine.given.step_tokens} tokens")
        return
    try:
        before = engine.counted(_HITS)
    except LookupError as error:
        yield not_measured(str(error))
        return
    answers = [engine.first([ask])[0] for ask in asks]
    yield judged("tokens", worst(compared(engine, reference, asks, answers)))
    found = engine.counted(_HITS) - before
    wanted = sum(loadable(len(ask.prompt), engine.given.block_size) for ask in asks)
    figures = [Figure(name="tokens loaded", value=found)]
    if found == wanted:
        yield kept("loaded", figures=figures)
    else:
        reason = f"the engine counts {found:g} tokens that were loaded, not {wanted}"
        case = broken(reason, "loaded", figures=figures)
        yield case if found else replace(case, refusal=Refusal.IGNORED)


def _after_saving(examination: Starting) -> Starting:
    """Let an engine save first, where none has in this child."""

    def whole(bench: Bench) -> Iterator[ExaminedCase]:
        if not bench.shared.get(_SAVED):
            told = list(EXAMINATIONS[_SAVED](bench))
            if not bench.shared.get(_SAVED):
                yield not_measured(f"nothing is saved: {told[-1].reason}", blocked_by=_SAVED)
                return
        yield from examination(bench)

    return replace(examination, examine=whole)


def _empty(bench: Bench) -> None:
    shutil.rmtree(_STORE, ignore_errors=True)
    bench.ending.callback(shutil.rmtree, _STORE, ignore_errors=True)


EXAMINATIONS: dict[str, Examination] = {
    _SAVED: _with_role("kv_producer", _saved),
    _LOADED: _after_saving(_with_role("kv_consumer", _loaded)),
}
