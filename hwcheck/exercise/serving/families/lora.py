"""Examinations: LoRA adapters, one and several, beside requests without, and taken away again."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from importlib import import_module
from pathlib import Path

from hwcheck.exercise.bench import Bench, Examination
from hwcheck.exercise.serving.asking import compared, cut, greedy, judged, worst
from hwcheck.exercise.serving.engine import Answer, Ask, Engine
from hwcheck.exercise.serving.precision import Distance, compare_tokens
from hwcheck.exercise.serving.prompts import PROMPTS
from hwcheck.exercise.serving.reference_client import Reference
from hwcheck.exercise.serving.shared_engine import Ability, Order, serving, with_engine
from hwcheck.exercise.verdicts import broken, kept
from hwcheck.model.examination import ExaminedCase
from hwcheck.model.outcome import Refusal

__all__ = ["EXAMINATIONS"]

_SLOTS = 2
_LORA = Order(changes={"enable_lora": True, "max_loras": _SLOTS, "max_lora_rank": 8})
_ABILITY = Ability(words="LoRA adapters", contract="family.lora.tokens")


@dataclass(frozen=True, slots=True, kw_only=True)
class _Adapter:
    """An adapter: where it is, and how vLLM is asked for it."""

    folder: Path
    request: object


def _adapter(bench: Bench, number: int) -> _Adapter:
    folder = serving(bench).adapter(_LORA.recipe, number)
    make = import_module("vllm.lora.request").LoRARequest
    return _Adapter(folder=folder, request=make(f"adapter-{number}", number, str(folder)))


def _asked(engine: Engine, count: int, adapters: Sequence[_Adapter | None]) -> list[Ask]:
    """Ask for the continuation of `count` prompts, with the adapters by turns."""
    asks = []
    for number, prompt in enumerate(PROMPTS[:count]):
        adapter = adapters[number % len(adapters)]
        ask = greedy(cut(prompt, engine))
        asks.append(ask if adapter is None else replace(ask, adapter=adapter.request))
    return asks


def _distance(
    engine: Engine,
    reference: Reference,
    asks: Sequence[Ask],
    answers: Sequence[Answer],
    folders: Sequence[Path | None],
) -> Distance:
    """Compare answers with the reference, each with its adapter."""
    return worst(
        compare_tokens(
            ask.prompt,
            answer.tokens,
            reference.logprobs((*ask.prompt, *answer.tokens), folder),
            engine.given.dtype,
        )
        for ask, answer, folder in zip(asks, answers, folders, strict=True)
    )


@with_engine(_LORA, _ABILITY)
def _tokens(bench: Bench, engine: Engine, reference: Reference) -> Iterator[ExaminedCase]:
    adapter = _adapter(bench, 1)
    asks = _asked(engine, len(PROMPTS), [adapter])
    answers = engine.first(asks)
    distance = _distance(engine, reference, asks, answers, [adapter.folder] * len(asks))
    if distance.fault and worst(compared(engine, reference, asks, answers)).fault is None:
        reason = "the tokens are those of the model without the adapter that was asked for"
        yield replace(broken(reason, figures=[distance.figure]), refusal=Refusal.IGNORED)
        return
    yield judged("", distance)


@with_engine(_LORA, _ABILITY)
def _several(bench: Bench, engine: Engine, reference: Reference) -> Iterator[ExaminedCase]:
    adapters = [_adapter(bench, number) for number in (1, 2)]
    asks = _asked(engine, 6, adapters)
    folders = [adapter.folder for adapter in adapters] * 3
    yield judged("", _distance(engine, reference, asks, engine.first(asks), folders))


@with_engine(_LORA, _ABILITY)
def _mixed(bench: Bench, engine: Engine, reference: Reference) -> Iterator[ExaminedCase]:
    adapter = _adapter(bench, 1)
    asks = _asked(engine, 6, [None, adapter])
    answers = engine.first(asks)
    plain, adapted = slice(0, None, 2), slice(1, None, 2)
    yield judged(
        "adapter",
        _distance(engine, reference, asks[adapted], answers[adapted], [adapter.folder] * 3),
    )
    yield judged("base", _distance(engine, reference, asks[plain], answers[plain], [None] * 3))


@with_engine(_LORA, _ABILITY)
def _slots(bench: Bench, engine: Engine, reference: Reference) -> Iterator[ExaminedCase]:
    """One adapter more than there are slots, and the first again at the end."""
    distances = []
    for number in (*range(1, _SLOTS + 2), 1):
        adapter = _adapter(bench, number)
        asks = _asked(engine, 2, [adapter])
        folders = [adapter.folder] * 2
        distances.append(_distance(engine, reference, asks, engine.first(asks), folders))
    yield judged("", worst(distances))


@with_engine(_LORA, _ABILITY)
def _removed(bench: Bench, engine: Engine, reference: Reference) -> Iterator[ExaminedCase]:
    adapter = _adapter(bench, 1)
    asks = _asked(engine, 4, [None])
    # Of the same prompts, so that what is cached of them is there to be mistaken.
    engine.first([replace(ask, adapter=adapter.request) for ask in asks])
    yield judged("behind", worst(compared(engine, reference, asks, engine.first(asks))))
    engine.llm.llm_engine.remove_lora(1)
    yield judged("removed", worst(compared(engine, reference, asks, engine.first(asks))))


@with_engine(_LORA, _ABILITY)
def _listed(bench: Bench, engine: Engine, reference: Reference) -> Iterator[ExaminedCase]:
    manager = engine.llm.llm_engine
    for number in manager.list_loras():
        manager.remove_lora(number)
    adapters = [_adapter(bench, number) for number in (1, 2)]
    added = [manager.add_lora(adapter.request) for adapter in adapters]
    yield _told("add", {1, 2}, set(manager.list_loras()), added)
    removed = [manager.remove_lora(1)]
    yield _told("remove", {2}, set(manager.list_loras()), removed)
    asks = _asked(engine, 2, [adapters[1]])
    folders = [adapters[1].folder] * 2
    yield judged("left", _distance(engine, reference, asks, engine.first(asks), folders))
    manager.remove_lora(2)


def _told(
    name: str, expected: set[int], listed: set[int], answers: Sequence[object]
) -> ExaminedCase:
    if not all(answers):
        return broken(f"{name}_lora() answers {list(answers)}, not True", name)
    if listed != expected:
        return broken(f"list_loras() is {sorted(listed)} then, not {sorted(expected)}", name)
    return kept(name)


EXAMINATIONS: dict[str, Examination] = {
    "family.lora.tokens": _tokens,
    "family.lora.several": _several,
    "family.lora.mixed": _mixed,
    "family.lora.slots": _slots,
    "family.lora.removed": _removed,
    "family.lora.listed": _listed,
}
