"""Examinations: the beams that vLLM finds on an engine, against a search on the reference."""

from collections.abc import Iterator
from importlib import import_module

from hwcheck.exercise.bench import Bench, Examination
from hwcheck.exercise.serving.asking import CORE
from hwcheck.exercise.serving.engine import Engine
from hwcheck.exercise.serving.families.beams import score, search
from hwcheck.exercise.serving.precision import TOLERANCES
from hwcheck.exercise.serving.prompts import PROMPTS
from hwcheck.exercise.serving.reference_client import Reference
from hwcheck.exercise.serving.shared_engine import with_engine
from hwcheck.exercise.verdicts import broken, kept
from hwcheck.model.examination import ExaminedCase
from hwcheck.model.outcome import Figure

__all__ = ["EXAMINATIONS"]

_WIDTH = 3
_NEW_TOKENS = 6


@with_engine(CORE)
def _scores(bench: Bench, engine: Engine, reference: Reference) -> Iterator[ExaminedCase]:
    make = import_module("vllm.sampling_params").BeamSearchParams
    how = make(beam_width=_WIDTH, max_tokens=_NEW_TOKENS, ignore_eos=True)
    prompts = [prompt for prompt in PROMPTS if len(prompt) + _NEW_TOKENS < engine.given.context][:3]
    asked = [{"prompt_token_ids": list(prompt)} for prompt in prompts]
    limit = 2 * TOLERANCES[engine.given.dtype] * _NEW_TOKENS
    largest = 0.0
    for prompt, output in zip(prompts, engine.llm.beam_search(asked, how), strict=True):
        expected = search(reference.logprobs, prompt, width=_WIDTH, count=_NEW_TOKENS)
        found = [tuple(item.tokens[len(prompt) :]) for item in output.sequences]
        if len(set(found)) != _WIDTH or any(len(tokens) != _NEW_TOKENS for tokens in found):
            yield broken(f"beam_width={_WIDTH} gives the beams {found}")
            return
        # Near ties may fall either way, so what counts is how likely the beams are, not which.
        for place, tokens in enumerate(found):
            behind = expected[place].score - score(reference.logprobs, prompt, tokens)
            largest = max(largest, abs(behind))
            if abs(behind) > limit:
                figures = [Figure(name="largest distance", value=largest, limit=limit)]
                yield broken(
                    f"beam {place} is {list(tokens)}; the reference gives "
                    f"{list(expected[place].tokens)}, which it finds {behind:.3g} likelier",
                    figures=figures,
                )
                return
    yield kept(figures=[Figure(name="largest distance", value=largest, limit=limit)])


EXAMINATIONS: dict[str, Examination] = {"family.beam-search.scores": _scores}
