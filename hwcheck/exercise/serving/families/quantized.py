"""Examinations: checkpoints whose linear layers have few bits."""

from collections.abc import Iterator
from dataclasses import replace

from hwcheck.exercise.bench import Bench, Examination
from hwcheck.exercise.serving.asking import compared, cut, greedy, served_greedily, worst
from hwcheck.exercise.serving.engine import Engine
from hwcheck.exercise.serving.prompts import PROMPTS
from hwcheck.exercise.serving.recipe import FP8, INT4, INT8, Recipe
from hwcheck.exercise.serving.reference_client import Reference
from hwcheck.exercise.serving.shared_engine import Ability, Order, with_engine
from hwcheck.exercise.verdicts import broken, kept
from hwcheck.model.examination import ExaminedCase

__all__ = ["EXAMINATIONS"]

#: Most kernels for few bits compute in one of these.
_ORDER = Order(recipe=INT4, dtypes=("bfloat16", "float16"))
_ABILITY = Ability(words="weights in four bits", contract="family.quantization.int4")

_INT8 = Ability(words="weights in eight bits", contract="family.quantization.int8")
_FP8 = Ability(words="weights in eight bits of a float", contract="family.quantization.fp8")
#: How much likelier than the engine's token the reference may find another. Its inputs of linear
#: layers are not rounded, and the engine's are, to eight bits of which a float has three for the
#: mantissa. By rounding alone: 0.53 and 0.86; with the scale of the next output, 7.9 and 6.1.
_INT8_LIMIT, _FP8_LIMIT = 1.5, 2.0


@with_engine(_ORDER, _ABILITY)
def _int4(bench: Bench, engine: Engine, reference: Reference) -> Iterator[ExaminedCase]:
    # The batch comes first: on some machines vLLM 0.32 computes no short prompt in bfloat16
    # before a long one.
    for name, prompts in (("batch", PROMPTS), ("one", PROMPTS[:1])):
        yield served_greedily(name, engine, reference, prompts)


def _eight_bits(recipe: Recipe, ability: Ability, limit: float) -> Examination:
    @with_engine(replace(_ORDER, recipe=recipe), ability)
    def examine(bench: Bench, engine: Engine, reference: Reference) -> Iterator[ExaminedCase]:
        asks = [greedy(cut(prompt, engine)) for prompt in PROMPTS]
        distance = worst(compared(engine, reference, asks, engine.first(asks)))
        figure = replace(distance.figure, limit=limit)
        if distance.largest > limit:
            yield broken(str(distance.fault), figures=[figure])
        else:
            yield kept(figures=[figure])

    return examine


EXAMINATIONS: dict[str, Examination] = {
    _ABILITY.contract: _int4,
    _INT8.contract: _eight_bits(INT8, _INT8, _INT8_LIMIT),
    _FP8.contract: _eight_bits(FP8, _FP8, _FP8_LIMIT),
}
