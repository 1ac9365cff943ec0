"""Examinations: caches of keys and values in eight bits."""

from collections.abc import Iterator
from dataclasses import replace

from hwcheck.exercise.bench import Bench, Examination
from hwcheck.exercise.serving.asking import compared, cut, greedy, worst
from hwcheck.exercise.serving.engine import Engine
from hwcheck.exercise.serving.prompts import PROMPTS
from hwcheck.exercise.serving.reference_client import Reference
from hwcheck.exercise.serving.shared_engine import Ability, Order, with_engine
from hwcheck.exercise.verdicts import broken, kept
from hwcheck.model.examination import ExaminedCase
from hwcheck.model.outcome import Figure, Refusal

__all__ = ["EXAMINATIONS"]

_DTYPE = "fp8"
_ABILITY = Ability(words="caches in eight bits", contract="family.kv-dtype.fp8")
#: How much likelier than the engine's token the reference may find another: of eight bits three
#: are left for the mantissa, and wrong keys cost several times as much.
_LIMIT = 2.0


@with_engine(Order(changes={"kv_cache_dtype": _DTYPE}), _ABILITY)
def _fp8(bench: Bench, engine: Engine, reference: Reference) -> Iterator[ExaminedCase]:
    used = str(engine.config.cache_config.cache_dtype)
    if not used.startswith(_DTYPE):
        reason = f"kv_cache_dtype={_DTYPE!r} is accepted, and the cache is {used!r}"
        yield replace(broken(reason), refusal=Refusal.IGNORED)
        return
    asks = [greedy(cut(prompt, engine)) for prompt in PROMPTS]
    distance = worst(compared(engine, reference, asks, engine.first(asks)))
    figures = [Figure(name="largest distance", value=distance.largest, limit=_LIMIT)]
    if distance.largest > _LIMIT:
        yield broken(str(distance.fault), figures=figures)
    else:
        yield kept(figures=figures)


EXAMINATIONS: dict[str, Examination] = {_ABILITY.contract: _fp8}
