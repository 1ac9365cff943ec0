"""Examinations: a model that two workers share, by its heads or by its layers."""

import os
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace

from hwcheck.exercise.bench import Bench, Examination
from hwcheck.exercise.serving.asking import greedy, served_greedily
from hwcheck.exercise.serving.engine import Engine
from hwcheck.exercise.serving.parallel.departure import judged_departure, present
from hwcheck.exercise.serving.parallel.devices import WORKERS, with_devices
from hwcheck.exercise.serving.parallel.meeting_place import with_meeting_place
from hwcheck.exercise.serving.parallel.rank_verdicts import (
    judged_share_of_heads,
    judged_share_of_layers,
    judged_work,
    judged_world,
)
from hwcheck.exercise.serving.prompts import PROMPTS
from hwcheck.exercise.serving.recipe import DENSE
from hwcheck.exercise.serving.reference_client import Reference
from hwcheck.exercise.serving.shared_engine import Ability, Order, serving, with_engine
from hwcheck.exercise.serving.workers import Rank, rank_of, watch_layers
from hwcheck.exercise.verdicts import broken, not_measured
from hwcheck.model.examination import ExaminedCase
from hwcheck.model.outcome import Refusal

__all__ = ["EXAMINATIONS"]

#: Tokens that show whether all workers compute.
_FEW = 4


@dataclass(frozen=True, slots=True, kw_only=True)
class _Split:
    """One way to share a model."""

    family: str
    argument: str
    """Of vLLM's ``LLM``, and of its ``ParallelConfig``."""
    words: str
    share: Callable[[Sequence[Rank]], ExaminedCase]
    """Judges what each worker has of the model."""

    @property
    def order(self) -> Order:
        return Order(changes={self.argument: WORKERS})

    @property
    def ability(self) -> Ability:
        return Ability(words=self.words, contract=f"family.{self.family}.greedy")


def _greedy(split: _Split) -> Examination:
    @with_devices
    @with_meeting_place
    @with_engine(split.order, split.ability)
    def examine(bench: Bench, engine: Engine, reference: Reference) -> Iterator[ExaminedCase]:
        given = getattr(engine.config.parallel_config, split.argument)
        if given != WORKERS:
            reason = f"{split.argument}={WORKERS} is accepted, and the engine has {given}"
            yield replace(broken(reason), refusal=Refusal.IGNORED)
            return
        for name, prompts in (("one", PROMPTS[4:5]), ("batch", PROMPTS)):
            yield served_greedily(name, engine, reference, prompts)

    return examine


def _ranks(split: _Split) -> Examination:
    @with_devices
    @with_meeting_place
    @with_engine(split.order, split.ability)
    def examine(bench: Bench, engine: Engine, reference: Reference) -> Iterator[ExaminedCase]:
        try:
            engine.ask_workers(watch_layers)
        # An executor of the plugin's own need not carry functions to its workers.
        except Exception as error:
            yield not_measured(f"the workers cannot be asked: {error}")
            return
        engine.forget()
        engine.first([greedy(PROMPTS[4], max_tokens=_FEW)])
        ranks = engine.ask_workers(rank_of)
        yield judged_world(ranks, WORKERS)
        if len(ranks) > 1:
            yield split.share(ranks)
            yield judged_work(ranks)

    return examine


def _stop(split: _Split) -> Examination:
    @with_devices
    @with_meeting_place
    @with_engine(split.order, split.ability)
    def examine(bench: Bench, engine: Engine, reference: Reference) -> Iterator[ExaminedCase]:
        shared = serving(bench)
        try:
            ranks = engine.ask_workers(rank_of)
        except Exception as error:
            yield not_measured(f"the workers cannot be asked: {error}")
            return
        if len(ranks) == 1:
            yield not_measured("one worker serves, and the engine has no other process")
            return
        during = present(os.getpid(), [item.process for item in ranks])
        del engine
        yield from judged_departure(during, shared.held_before, shared.stop)

    return examine


_TENSOR = _Split(
    family="tensor-parallel",
    argument="tensor_parallel_size",
    words="two workers that share each layer",
    share=lambda ranks: judged_share_of_heads(ranks, DENSE.layers, DENSE.kv_heads),
)
_PIPELINE = _Split(
    family="pipeline-parallel",
    argument="pipeline_parallel_size",
    words="two workers that share the layers",
    share=lambda ranks: judged_share_of_layers(ranks, DENSE.layers),
)

EXAMINATIONS: dict[str, Examination] = {
    f"family.{split.family}.{name}": make(split)
    for split in (_TENSOR, _PIPELINE)
    # The last one stops the engine.
    for name, make in (("greedy", _greedy), ("ranks", _ranks), ("stop", _stop))
}
