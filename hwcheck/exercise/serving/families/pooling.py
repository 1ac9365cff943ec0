"""Examinations: embeddings of texts, one and several, against the reference."""

from collections.abc import Iterator, Sequence

import numpy as np

from hwcheck.exercise.bench import Bench, Examination
from hwcheck.exercise.serving.asking import cut
from hwcheck.exercise.serving.engine import Engine
from hwcheck.exercise.serving.prompts import PROMPTS
from hwcheck.exercise.serving.recipe import EMBEDDING
from hwcheck.exercise.serving.reference_client import Reference
from hwcheck.exercise.serving.shared_engine import Ability, Order, with_engine
from hwcheck.exercise.verdicts import broken, kept
from hwcheck.model.examination import ExaminedCase
from hwcheck.model.outcome import Figure

__all__ = ["EXAMINATIONS"]

_POOLING = Order(recipe=EMBEDDING, changes={"runner": "pooling"})
_ABILITY = Ability(words="embeddings", contract="family.pooling.embedding")
#: The largest distance of two vectors of length 1 that is no fault.
_LIMITS = {"float32": 1e-3, "float16": 0.02, "bfloat16": 0.15}


@with_engine(_POOLING, _ABILITY)
def _embedding(bench: Bench, engine: Engine, reference: Reference) -> Iterator[ExaminedCase]:
    for name, prompts in (("one", PROMPTS[3:4]), ("batch", PROMPTS)):
        yield _judged(name, engine, reference, [cut(prompt, engine, 1) for prompt in prompts])


def _judged(
    name: str, engine: Engine, reference: Reference, prompts: Sequence[Sequence[int]]
) -> ExaminedCase:
    asked = [{"prompt_token_ids": list(prompt)} for prompt in prompts]
    limit = _LIMITS[engine.given.dtype]
    largest, cosine, fault = 0.0, 1.0, None
    for number, output in enumerate(engine.llm.embed(asked, use_tqdm=False)):
        made = np.asarray(output.outputs.embedding, dtype=np.float64)
        right = reference.embedding(prompts[number])
        if made.shape != right.shape:
            return broken(f"an embedding has the shape {made.shape}, not {right.shape}", name)
        distance = float(np.linalg.norm(made - right))
        largest = max(largest, distance)
        cosine = min(cosine, float(made @ right / max(float(np.linalg.norm(made)), 1e-30)))
        if not distance <= limit and fault is None:
            fault = (
                f"the embedding of prompt {number}, of {len(prompts[number])} tokens, is "
                f"{distance:.3g} from the reference's, and its length is "
                f"{float(np.linalg.norm(made)):.3g}"
            )
    figures = [
        Figure(name="largest distance", value=largest, limit=limit),
        Figure(name="smallest cosine", value=cosine),
    ]
    if fault is None:
        return kept(name, figures=figures)
    return broken(f"{fault}{_coarser(engine.given.dtype, largest)}", name, figures=figures)


def _coarser(dtype: str, distance: float) -> str:
    """What a distance looks like that is too large for a dtype."""
    fitting = (other for other, limit in _LIMITS.items() if distance <= limit)
    other = next(fitting, None)
    return "" if other is None else f"; {dtype} is set, and it looks like {other}"


EXAMINATIONS: dict[str, Examination] = {"family.pooling.embedding": _embedding}
