"""Examination: a seed gives the same tokens into however many pieces a prompt is cut."""

from collections.abc import Iterator, Sequence

from hwcheck.exercise.bench import Bench, Examination
from hwcheck.exercise.serving.asking import greedy
from hwcheck.exercise.serving.engine import Answer, Ask, Engine
from hwcheck.exercise.serving.prompts import random_prompt
from hwcheck.exercise.serving.reference_client import Reference
from hwcheck.exercise.serving.seeds import parted, sampled
from hwcheck.exercise.serving.shared_engine import Order, with_engine
from hwcheck.exercise.verdicts import broken, kept, not_applicable, not_measured
from hwcheck.model.examination import ExaminedCase

__all__ = ["EXAMINATIONS"]

#: Of its own: vLLM's own CPU platform does not survive it (CPU generators have no offset).
_ORDER = Order(changes={"max_num_batched_tokens": 64, "max_num_seqs": 4})
_TOKENS = 8
_SEEDS = (1, 2, 3)


@with_engine(_ORDER)
def _seed_chunked(bench: Bench, engine: Engine, reference: Reference) -> Iterator[ExaminedCase]:
    step = engine.given.step_tokens
    if not engine.given.has_chunked_prefill or 2 * step + _TOKENS > engine.given.context:
        yield not_applicable("no prompt is longer than a step")
        return
    if engine.given.dtype != "float32":
        yield not_measured(f"in {engine.given.dtype}, rounding decides between tokens", "same")
        return
    asks = [
        sampled(random_prompt(2 * step - 4, seed), seed=seed, max_tokens=_TOKENS) for seed in _SEEDS
    ]
    # Longer than a step, so that the pieces of what comes behind it are others.
    before = greedy(random_prompt(step + step // 4, 9), max_tokens=_TOKENS)
    pairs, counts = [], []
    for ask in asks:
        alone, pieces = _watched(engine, [ask])
        behind, others = _watched(engine, [before, ask])
        pairs.append((alone, behind))
        counts.append((pieces, others))
    if any(min(pair) < 2 for pair in counts):
        yield not_measured(f"the prompts were cut into {counts} pieces", "same")
    elif all(one == other for one, other in counts):
        yield not_applicable("a prompt is cut alike whatever is worked on before it", "same")
    elif any(one == other for one, other in counts):
        yield not_measured(f"the prompts were cut into {counts} pieces", "same")
    elif parted(pairs) > 1:
        one, other = next(pair for pair in pairs if pair[0].tokens != pair[1].tokens)
        yield broken(
            f"the same seed gives {list(one.tokens)} for a prompt in {counts[0][0]} pieces, and "
            f"{list(other.tokens)} in {counts[0][1]}",
            "same",
        )
    else:
        yield kept("same")


def _watched(engine: Engine, asks: Sequence[Ask]) -> tuple[Answer, int]:
    """Answer the last request, and count the pieces of its prompt."""
    engine.forget()
    with engine.watched() as steps:
        names = engine.add(asks)
        answer = engine.run()[names[-1]][0]
    # vLLM appends to the names that it is given.
    given = [
        tokens
        for step in steps
        for name, tokens in step.tokens.items()
        if name == names[-1] or name.startswith(f"{names[-1]}-")
    ]
    return answer, sum(tokens > 1 for tokens in given)


EXAMINATIONS: dict[str, Examination] = {"sampling.seed-chunked": _seed_chunked}
