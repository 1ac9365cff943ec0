"""Examination: requests that have to wait for others because the cache has no room for all."""

from collections.abc import Iterator
from dataclasses import replace

from hwcheck.exercise.bench import Bench, Examination
from hwcheck.exercise.serving.asking import compared, cut, greedy, judged, worst
from hwcheck.exercise.serving.engine import Engine
from hwcheck.exercise.serving.prompts import random_prompt
from hwcheck.exercise.serving.reference_client import Reference
from hwcheck.exercise.serving.shared_engine import Ability, Order, with_engine
from hwcheck.exercise.verdicts import not_measured
from hwcheck.model.examination import ExaminedCase
from hwcheck.model.outcome import Figure

__all__ = ["EXAMINATIONS"]

#: Room for one request of the longest, and not for the four that are asked for, in blocks of
#: sixteen tokens as of thirty-two.
_NARROW = Order(changes={"max_model_len": 128, "max_num_seqs": 4, "num_gpu_blocks_override": 9})
#: Some devices reserve the whole of what all requests can need, so that none has to wait.
_ABILITY = Ability(
    words="caches with less room than the requests can need", contract="scheduling.preemption"
)
_PREEMPTIONS = "vllm:num_preemptions"
_NEW = 56


@with_engine(_NARROW, _ABILITY)
def _preemption(bench: Bench, engine: Engine, reference: Reference) -> Iterator[ExaminedCase]:
    prompts = [random_prompt(length, 6) for length in (40, 33, 50, 47)]
    asked = [greedy(cut(prompt, engine, _NEW), max_tokens=_NEW) for prompt in prompts]
    before = _preemptions(engine)
    answers = engine.first(asked)
    times = _preemptions(engine) - before
    if not times:
        yield not_measured(
            f"with {engine.given.blocks} blocks of {engine.given.block_size} tokens, "
            "no request had to wait for another"
        )
        return
    case = judged("", worst(compared(engine, reference, asked, answers)))
    yield replace(case, figures=(*case.figures, Figure(name="preemptions", value=times)))


def _preemptions(engine: Engine) -> float:
    try:
        return engine.counted(_PREEMPTIONS)
    except LookupError:
        # A release without the counter shows no preemption, so nothing is measured.
        return 0.0


EXAMINATIONS: dict[str, Examination] = {_ABILITY.contract: _preemption}
