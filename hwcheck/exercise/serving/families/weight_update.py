"""Examinations: weights that are replaced while the engine lives."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from importlib import import_module
from inspect import signature
from pathlib import Path

from hwcheck.exercise.bench import Bench, Examination
from hwcheck.exercise.serving.asking import compared, cut, greedy, judged, worst
from hwcheck.exercise.serving.engine import Answer, Ask, Engine
from hwcheck.exercise.serving.prompts import PROMPTS
from hwcheck.exercise.serving.recipe import UPDATED
from hwcheck.exercise.serving.reference_client import Reference
from hwcheck.exercise.serving.shared_engine import Ability, Order, serving, with_engine
from hwcheck.exercise.verdicts import broken, not_applicable
from hwcheck.model.examination import ExaminedCase
from hwcheck.model.outcome import Refusal

__all__ = ["EXAMINATIONS"]

_METHOD, _WHERE = "reload_weights", "weights_path"
#: vLLM's default, so that an engine which is left with half its weights is no other contract's.
_ORDER = Order(changes={"load_format": "auto"})
_ABILITY = Ability(words="weights that are replaced", contract="family.weight-update.reload")


@dataclass(frozen=True, slots=True, kw_only=True)
class _Weights:
    """Weights: where they are, and what a model with them answers."""

    folder: Path
    reference: Reference


@with_engine(_ORDER, _ABILITY)
def _reload(bench: Bench, engine: Engine, reference: Reference) -> Iterator[ExaminedCase]:
    if not _takes_a_path():
        yield not_applicable(f"{_METHOD}() of this vLLM loads no other weights")
        return
    shared = serving(bench)
    asks = [greedy(cut(prompt, engine)) for prompt in PROMPTS]
    yield judged("before", worst(compared(engine, reference, asks, engine.first(asks))))
    new = _Weights(folder=shared.checkpoint(UPDATED), reference=shared.reference(UPDATED))
    first = _Weights(folder=shared.checkpoint(_ORDER.recipe), reference=reference)
    yield _updated(engine, "after", asks, new, former=first)
    yield _updated(engine, "back", asks, first)


def _updated(
    engine: Engine, name: str, asks: list[Ask], weights: _Weights, former: _Weights | None = None
) -> ExaminedCase:
    engine.llm.collective_rpc(_METHOD, kwargs={_WHERE: str(weights.folder)})
    # What is cached was computed with the old weights; vLLM leaves it to the user to drop it.
    engine.forget()
    answers = engine.first(asks)
    if cached := sum(answer.cached for answer in answers):
        return broken(f"{cached} tokens come out of the cache that was emptied", name)
    distance = worst(compared(engine, weights.reference, asks, answers))
    if distance.fault and former and _are_of(former, engine, asks, answers):
        reason = f"{_METHOD}() is accepted, and the tokens are still those of the old weights"
        return replace(broken(reason, name, figures=[distance.figure]), refusal=Refusal.IGNORED)
    return judged(name, distance)


def _are_of(weights: _Weights, engine: Engine, asks: list[Ask], answers: Sequence[Answer]) -> bool:
    return worst(compared(engine, weights.reference, asks, answers)).fault is None


def _takes_a_path() -> bool:
    """Whether vLLM's own model runner can be told where other weights are."""
    runner = import_module("vllm.v1.worker.gpu_model_runner").GPUModelRunner
    method = getattr(runner, _METHOD, None)
    return method is not None and _WHERE in signature(method).parameters


EXAMINATIONS: dict[str, Examination] = {_ABILITY.contract: _reload}
