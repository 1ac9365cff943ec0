"""The requests of one trial: what each asks for, and what the reference has to do for it."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from importlib import import_module
from pathlib import Path

from hwcheck.exercise.bench import Bench
from hwcheck.exercise.serving.engine import Ask, Engine
from hwcheck.exercise.serving.pairs.even_tokens import KEY
from hwcheck.exercise.serving.prompts import random_prompt
from hwcheck.exercise.serving.recipe import DENSE, Recipe
from hwcheck.exercise.serving.row_changes import Change, biased, only, penalised
from hwcheck.exercise.serving.shared_engine import serving
from hwcheck.exercise.serving.tokenizer_file import token_texts

__all__ = ["TEMPERATURE", "Asked", "Trial", "asked", "is_sampled", "primer_of"]

TEMPERATURE = 1.3
_ADAPTER = 1
_REQUESTS = 3
_CROWD = 4
#: As many as it takes until the cache of the crowded engine is full.
_MANY, _FEW = 56, 24
_LENGTHS = (20, 13, 27, 22)
#: With 56 tokens more, any four of these do not fit into the cache of the crowded engine.
_CROWDED_LENGTHS = (84, 79, 90, 87, 82)
_VOCABULARY = DENSE.vocabulary
#: What can be printed in ASCII, and more of it than any answer has: a good part of what the tiny
#: models say, so that some of what a draft model proposes is allowed. Without the letter that the
#: names of special tokens begin with, which grammars take for text.
_REGEX = "[ -;=-~]{600}"
_PRINTED = tuple(
    token
    for token, text in enumerate(token_texts(_VOCABULARY))
    if text and all(0x20 <= value <= 0x7E and value != ord("<") for value in text)
)
_EVEN = tuple(range(0, _VOCABULARY, 2))
_FREQUENCY = 0.7
#: Even and odd tokens, of which half can be printed, so that it tells beside what forbids some.
_BIAS = {50: 4.0, 61: 4.0, 72: 3.5, 160: 4.0, 161: 3.5, 300: 3.5}


@dataclass(frozen=True, slots=True, kw_only=True)
class Trial:
    """What is combined: what holds in the engine, and what the requests ask for."""

    settings: frozenset[str]
    kinds: frozenset[str]

    @property
    def everything(self) -> frozenset[str]:
        """Both together."""
        return self.settings | self.kinds

    @property
    def new_tokens(self) -> int:
        """How many tokens each request wants."""
        return _MANY if "preemption" in self.settings else _FEW


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """One request, and what the reference has to do to get its answer."""

    ask: Ask
    changes: dict[str, Change]
    """What each kind of request does to the logits, in the order in which vLLM does it."""
    adapter: Path | None


def is_sampled(trial: Trial) -> bool:
    """Whether tokens are drawn by chance."""
    return "seeds" in trial.kinds


def asked(bench: Bench, engine: Engine, recipe: Recipe, trial: Trial) -> list[Asked]:
    """Make the requests of a trial: some of one form, with different prompts."""
    adapter = serving(bench).adapter(recipe, _ADAPTER) if "lora" in trial.kinds else None
    return [
        Asked(
            ask=_ask(prompt, number, trial, adapter),
            changes=_changes(prompt, trial.kinds),
            adapter=adapter,
        )
        for number, prompt in enumerate(_prompts(engine, trial))
    ]


def primer_of(asks: Sequence[Asked], engine: Engine) -> Ask:
    """What is served before, so that the common beginning of all prompts is in the cache."""
    ask = asks[0].ask
    how = {**ask.how, "max_tokens": 1}
    return replace(ask, prompt=ask.prompt[: _common(engine)], how=how)


def _prompts(engine: Engine, trial: Trial) -> list[tuple[int, ...]]:
    is_crowd = "preemption" in trial.settings
    # Of the crowd, one more comes where one is taken back, so that it stays as dense.
    count = _CROWD + ("abort" in trial.kinds) if is_crowd else _REQUESTS
    lengths = list((_CROWDED_LENGTHS if is_crowd else _LENGTHS)[:count])
    room = engine.given.context - trial.new_tokens
    common: tuple[int, ...] = ()
    if "prefix-caching" in trial.kinds:
        common = random_prompt(min(_common(engine), room - 1), 399)
        # Few enough, that what is left of all of them fits into a step; a crowd comes one by one.
        lengths = [len(common) + length // (1 if is_crowd else 3) for length in lengths]
    if "chunked-prefill" in trial.kinds:
        lengths = [room - number for number in range(count)]
    return [
        (common + random_prompt(max(1, min(length, room)), 400 + number))[: min(length, room)]
        for number, length in enumerate(lengths)
    ]


def _common(engine: Engine) -> int:
    """How much of a prompt is served before: whole blocks, which fit into a step where possible."""
    return 2 * engine.given.block_size


def _ask(prompt: tuple[int, ...], number: int, trial: Trial, adapter: Path | None) -> Ask:
    kinds = trial.kinds
    how: dict[str, object] = {
        "temperature": 0.0,
        "max_tokens": trial.new_tokens,
        "ignore_eos": True,
    }
    if "seeds" in kinds:
        how |= {"temperature": TEMPERATURE, "seed": 50 + number}
    if "logprobs-sampling" in kinds:
        how["logprobs"] = 3
    if "sampling-parameters" in kinds:
        how |= {"frequency_penalty": _FREQUENCY, "logit_bias": _BIAS}
    if "logits-processors" in kinds:
        how["extra_args"] = {KEY: True}
    if "structured-output" in kinds:
        parameters = import_module("vllm.sampling_params")
        how["structured_outputs"] = parameters.StructuredOutputsParams(regex=_REGEX)
    return Ask(prompt=prompt, how=how, adapter=_request(adapter))


def _request(adapter: Path | None) -> object:
    if adapter is None:
        return None
    make = import_module("vllm.lora.request").LoRARequest
    return make(f"adapter-{_ADAPTER}", _ADAPTER, str(adapter))


def _changes(prompt: tuple[int, ...], kinds: Collection[str]) -> dict[str, Change]:
    found: dict[str, Change] = {}
    if "structured-output" in kinds:
        found["structured-output"] = only(_PRINTED)
    if "sampling-parameters" in kinds:
        found["sampling-parameters"] = _both(biased(_BIAS), penalised(prompt, frequency=_FREQUENCY))
    if "logits-processors" in kinds:
        found["logits-processors"] = only(_EVEN)
    return found


def _both(one: Change, other: Change) -> Change:
    return lambda row, before: other(one(row, before), before)
