"""Examinations: prompts that are given as embeddings instead of tokens."""

from collections.abc import Iterator, Sequence
from importlib import import_module
from typing import Any

from hwcheck.exercise.bench import Bench, Examination
from hwcheck.exercise.serving.asking import compared, cut, greedy, judged, worst
from hwcheck.exercise.serving.engine import Answer, Ask, Engine
from hwcheck.exercise.serving.prompts import PROMPTS
from hwcheck.exercise.serving.reference_client import Reference
from hwcheck.exercise.serving.shared_engine import Ability, Order, serving, with_engine
from hwcheck.model.examination import ExaminedCase

__all__ = ["EXAMINATIONS"]

_EMBEDS = Order(changes={"enable_prompt_embeds": True})
_ABILITY = Ability(words="prompt embeddings", contract="family.prompt-embeds.tokens")


@with_engine(_EMBEDS, _ABILITY)
def _tokens(bench: Bench, engine: Engine, reference: Reference) -> Iterator[ExaminedCase]:
    table = _table(bench, engine)
    for name, prompts in (("one", PROMPTS[:1]), ("batch", PROMPTS)):
        asks = [greedy(cut(prompt, engine)) for prompt in prompts]
        answers = _answers(engine, asks, [_embedded(ask, table) for ask in asks])
        yield judged(name, worst(compared(engine, reference, asks, answers)))


@with_engine(_EMBEDS, _ABILITY)
def _mixed(bench: Bench, engine: Engine, reference: Reference) -> Iterator[ExaminedCase]:
    table = _table(bench, engine)
    asks = [greedy(cut(prompt, engine)) for prompt in PROMPTS[:6]]
    given = [
        _embedded(ask, table) if number % 2 else {"prompt_token_ids": list(ask.prompt)}
        for number, ask in enumerate(asks)
    ]
    answers = _answers(engine, asks, given)
    for name, part in (("embeddings", slice(1, None, 2)), ("tokens", slice(0, None, 2))):
        yield judged(name, worst(compared(engine, reference, asks[part], answers[part])))


def _table(bench: Bench, engine: Engine) -> Any:
    """The embedding of every token, as the checkpoint has it."""
    folder = serving(bench).checkpoint(_EMBEDS.recipe)
    tensors = import_module("safetensors.torch").load_file(str(folder / "model.safetensors"))
    return tensors["model.embed_tokens.weight"].to(engine.config.model_config.dtype)


def _embedded(ask: Ask, table: Any) -> dict[str, object]:
    return {"prompt_embeds": table[list(ask.prompt)]}


def _answers(engine: Engine, asks: Sequence[Ask], given: Sequence[object]) -> list[Answer]:
    """Serve prompts that are no tokens, in vLLM's own way; the answers' tokens alone matter."""
    how = import_module("vllm").SamplingParams(**asks[0].how)
    outputs = engine.llm.generate(list(given), how, use_tqdm=False)
    return [
        Answer(
            tokens=tuple(output.outputs[0].token_ids),
            text=output.outputs[0].text,
            finish=output.outputs[0].finish_reason,
            stop=None,
            logprobs=None,
            prompt_logprobs=None,
            cached=0,
        )
        for output in outputs
    ]


EXAMINATIONS: dict[str, Examination] = {
    "family.prompt-embeds.tokens": _tokens,
    "family.prompt-embeds.mixed": _mixed,
}
