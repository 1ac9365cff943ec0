"""Examinations: a model that hears, with sounds of its requests' own."""

from collections.abc import Iterator, Sequence

from hwcheck.exercise.bench import Bench, Examination
from hwcheck.exercise.serving.asking import judged, worst
from hwcheck.exercise.serving.audio_model import (
    AUDIO_TOKEN,
    SAMPLING_RATE,
    TOKENS_OF_SOUND,
    can_be_made,
    sound,
)
from hwcheck.exercise.serving.audio_reference import AudioReference, Heard
from hwcheck.exercise.serving.engine import Ask, Engine
from hwcheck.exercise.serving.precision import Distance, compare_tokens
from hwcheck.exercise.serving.prompts import random_prompt
from hwcheck.exercise.serving.recipe import AUDIO
from hwcheck.exercise.serving.reference_client import Reference
from hwcheck.exercise.serving.shared_engine import Ability, Order, serving, with_engine
from hwcheck.exercise.starts import around
from hwcheck.exercise.verdicts import not_applicable, not_measured
from hwcheck.model.examination import ExaminedCase

__all__ = ["EXAMINATIONS"]

_ABILITY = Ability(words="models that hear", contract="family.multimodal.audio")
_ORDER = Order(
    recipe=AUDIO,
    # A step takes in several prompts, each with its sound.
    changes={"limit_mm_per_prompt": {"audio": 1}, "max_num_batched_tokens": 256},
)
_REFERENCE = "audio-reference"
_NEW = 12
#: Long enough behind the sound for the first block to be the same, were it not for the sound.
_BEFORE, _BEHIND = random_prompt(3, 5), random_prompt(30, 6)
#: The seeds of the sounds of a batch; one request has none.
_BATCH = (1, 2, None, 1, 3)


def _ask(seed: int | None) -> Ask:
    how = {"temperature": 0.0, "max_tokens": _NEW, "ignore_eos": True}
    if seed is None:
        return Ask(prompt=(*_BEFORE, *_BEHIND), how=how)
    media = {"audio": (sound(seed), SAMPLING_RATE)}
    return Ask(prompt=(*_BEFORE, AUDIO_TOKEN, *_BEHIND), how=how, media=media)


def _prompt(seed: int | None) -> tuple[int, ...]:
    """The prompt as the model sees it, with a place for each part of the sound."""
    places = () if seed is None else (AUDIO_TOKEN,) * TOKENS_OF_SOUND
    return (*_BEFORE, *places, *_BEHIND)


def _with_model(examination: Examination) -> Examination:
    """Look first whether the model can be made here, and start its reference."""

    def whole(bench: Bench) -> Iterator[ExaminedCase]:
        if not can_be_made():
            yield not_applicable("this transformers has no Qwen2-Audio")
            return
        try:
            folder = serving(bench).checkpoint(AUDIO)
        # What transformers raises is no fault of the plugin's.
        except Exception as error:
            yield not_measured(f"the model cannot be made: {type(error).__name__}: {error}")
            return
        # It loads the model while the engine starts.
        with AudioReference(folder) as reference:
            bench.shared[_REFERENCE] = reference
            yield from examination(bench)

    return around(examination, whole)


@_with_model
@with_engine(_ORDER, _ABILITY)
def _audio(bench: Bench, engine: Engine, reference: Reference) -> Iterator[ExaminedCase]:
    seeds = {"one": (1,), "batch": _BATCH}
    answers = {
        name: [item.tokens for item in engine.first([_ask(seed) for seed in asked])]
        for name, asked in seeds.items()
    }
    heard = [
        Heard(tokens=(*_prompt(seed), *tokens), seed=seed)
        for name, asked in seeds.items()
        for seed, tokens in zip(asked, answers[name], strict=True)
    ]
    rows = iter(_reference(bench).logprobs(heard))
    for name, asked in seeds.items():
        yield judged(name, worst(_distances(engine, asked, answers[name], rows)))


def _reference(bench: Bench) -> AudioReference:
    found = bench.shared[_REFERENCE]
    assert isinstance(found, AudioReference)
    return found


def _distances(
    engine: Engine,
    seeds: Sequence[int | None],
    answers: Sequence[tuple[int, ...]],
    rows: Iterator[object],
) -> list[Distance]:
    return [
        compare_tokens(_prompt(seed), tokens, next(rows), engine.given.dtype)
        for seed, tokens in zip(seeds, answers, strict=True)
    ]


EXAMINATIONS: dict[str, Examination] = {_ABILITY.contract: _audio}
