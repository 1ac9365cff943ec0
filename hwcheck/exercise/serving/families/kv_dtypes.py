"""Examinations: caches of keys and values in eight bits."""

from collections.abc import Iterator, Sequence
from dataclasses import replace

from hwcheck.exercise.bench import Bench, Examination
from hwcheck.exercise.serving.asking import compared, cut, greedy, worst
from hwcheck.exercise.serving.engine import Answer, Ask, Engine
from hwcheck.exercise.serving.precision import TOLERANCES, compare_logprobs
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
#: With weights of this dtype, a distance of log-probabilities up to that comes of rounding alone.
_EXACT, _ROUNDING = "float32", TOLERANCES["float32"]


@with_engine(Order(changes={"kv_cache_dtype": _DTYPE}), _ABILITY)
def _fp8(bench: Bench, engine: Engine, reference: Reference) -> Iterator[ExaminedCase]:
    used = str(engine.config.cache_config.cache_dtype)
    if not used.startswith(_DTYPE):
        reason = f"kv_cache_dtype={_DTYPE!r} is accepted, and the cache is {used!r}"
        yield replace(broken(reason), refusal=Refusal.IGNORED)
        return
    asks = [greedy(cut(prompt, engine), logprobs=1) for prompt in PROMPTS]
    answers = engine.first(asks)
    distance = worst(compared(engine, reference, asks, answers))
    figures = [Figure(name="largest distance", value=distance.largest, limit=_LIMIT)]
    if engine.given.dtype == _EXACT and (error := _error(reference, asks, answers)) <= _ROUNDING:
        reason = (
            f"kv_cache_dtype={_DTYPE!r} is accepted, and the log-probabilities are the "
            f"reference's but for {error:.2g}, which eight bits cannot hold"
        )
        yield replace(broken(reason, figures=figures), refusal=Refusal.IGNORED)
    elif distance.largest > _LIMIT:
        yield broken(str(distance.fault), figures=figures)
    else:
        yield kept(figures=figures)


def _error(reference: Reference, asks: Sequence[Ask], answers: Sequence[Answer]) -> float:
    """The largest distance of a log-probability from the reference's."""
    return max(
        compare_logprobs(
            answer.logprobs or (),
            reference.logprobs((*ask.prompt, *answer.tokens)),
            len(ask.prompt) - 1,
            _EXACT,
        ).largest
        for ask, answer in zip(asks, answers, strict=True)
    )


EXAMINATIONS: dict[str, Examination] = {_ABILITY.contract: _fp8}
