"""Examinations: checkpoints whose linear layers have few bits."""

from collections.abc import Iterator

from hwcheck.exercise.bench import Bench, Examination
from hwcheck.exercise.serving.asking import served_greedily
from hwcheck.exercise.serving.engine import Engine
from hwcheck.exercise.serving.prompts import PROMPTS
from hwcheck.exercise.serving.recipe import INT4
from hwcheck.exercise.serving.reference_client import Reference
from hwcheck.exercise.serving.shared_engine import Ability, Order, with_engine
from hwcheck.model.examination import ExaminedCase

__all__ = ["EXAMINATIONS"]

#: Most kernels for few bits compute in one of these.
_ORDER = Order(recipe=INT4, dtypes=("bfloat16", "float16"))
_ABILITY = Ability(words="weights in four bits", contract="family.quantization.int4")


@with_engine(_ORDER, _ABILITY)
def _int4(bench: Bench, engine: Engine, reference: Reference) -> Iterator[ExaminedCase]:
    # The batch comes first: on some machines vLLM 0.32 computes no short prompt in bfloat16
    # before a long one.
    for name, prompts in (("batch", PROMPTS), ("one", PROMPTS[:1])):
        yield served_greedily(name, engine, reference, prompts)


EXAMINATIONS: dict[str, Examination] = {_ABILITY.contract: _int4}
