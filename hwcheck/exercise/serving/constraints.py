"""Examinations: what changes the logits before a token is chosen, seen in greedy answers."""

from collections.abc import Iterator, Mapping, Sequence
from itertools import pairwise

from hwcheck.exercise.bench import Bench, Examination
from hwcheck.exercise.serving.asking import CORE, cut, greedy
from hwcheck.exercise.serving.engine import Engine
from hwcheck.exercise.serving.prompts import random_prompt
from hwcheck.exercise.serving.readable_text import is_word_start, readable_prompt, text_of
from hwcheck.exercise.serving.reference_client import Reference
from hwcheck.exercise.serving.row_changes import Change, biased, only, penalised, without
from hwcheck.exercise.serving.shaped_answers import Changed, judge_changed
from hwcheck.exercise.serving.shared_engine import with_engine
from hwcheck.exercise.verdicts import not_measured
from hwcheck.model.examination import ExaminedCase

__all__ = ["EXAMINATIONS", "PENALTIES"]

#: Each with the name that the reference's rule has for it.
PENALTIES = (
    ("repetition", "repetition_penalty", 1.4),
    ("presence", "presence_penalty", 1.3),
    ("frequency", "frequency_penalty", 0.6),
)
_PROMPTS = tuple(random_prompt(length, 5) for length in (7, 16, 33, 5))
_FORCING = 100.0
_LEAST_BEFORE = 2


def _among_others(
    engine: Engine, changes: Sequence[tuple[Change, Mapping[str, object]]]
) -> list[Changed]:
    """One request with each change, beside one that asks for none."""
    asked = [Changed(ask=greedy(cut(_PROMPTS[-1], engine)))]
    for prompt, (change, how) in zip(_PROMPTS, changes, strict=False):
        asked.append(Changed(ask=greedy(cut(prompt, engine), **how), change=change))
    return asked


@with_engine(CORE)
def _penalties(bench: Bench, engine: Engine, reference: Reference) -> Iterator[ExaminedCase]:
    for name, parameter, strength in PENALTIES:
        asked = [Changed(ask=greedy(cut(_PROMPTS[-1], engine)))]
        for prompt in _PROMPTS[:-1]:
            taken = cut(prompt, engine)
            change = penalised(taken, **{name: strength})
            asked.append(Changed(ask=greedy(taken, **{parameter: strength}), change=change))
        yield judge_changed(name, engine, reference, asked)


@with_engine(CORE)
def _bias(bench: Bench, engine: Engine, reference: Reference) -> Iterator[ExaminedCase]:
    biases: list[dict[int, float]] = []
    for number, prompt in enumerate(_PROMPTS[:3]):
        likeliest = reference.greedy(cut(prompt, engine), 4)
        against = dict.fromkeys(likeliest, -_FORCING)
        biases.append(against | {100 + number: 1.5, 200 + number: 2.5})
    biases[-1][300] = _FORCING
    changes = [(biased(bias), {"logit_bias": bias}) for bias in biases]
    yield judge_changed("", engine, reference, _among_others(engine, changes))


@with_engine(CORE)
def _allowed(bench: Bench, engine: Engine, reference: Reference) -> Iterator[ExaminedCase]:
    # Of very different sizes, the last with all tokens but the few that would be chosen.
    few = [list(range(20, 30)), list(range(100, 160, 3))]
    likeliest = reference.greedy(cut(_PROMPTS[2], engine), 8)
    few.append([token for token in range(10, 380) if token not in likeliest])
    changes = [(only(allowed), {"allowed_token_ids": allowed}) for allowed in few]
    yield judge_changed("", engine, reference, _among_others(engine, changes))


@with_engine(CORE)
def _bad_words(bench: Bench, engine: Engine, reference: Reference) -> Iterator[ExaminedCase]:
    prompts = [cut(readable_prompt(9, seed), engine) for seed in range(6)]
    free = engine.first([greedy(prompt) for prompt in prompts])
    for name, size in (("token", 1), ("sequence", 2)):
        asked = [Changed(ask=greedy(prompts[0]))]
        for prompt, answer in zip(prompts, free, strict=True):
            if ending := _word(answer.tokens, size):
                ask = greedy(prompt, bad_words=[text_of(ending)])
                asked.append(Changed(ask=ask, change=without(ending)))
        if len(asked) == 1:
            yield not_measured("no answer holds a word that could be forbidden", name)
            continue
        yield judge_changed(name, engine, reference, asked)


def _word(tokens: Sequence[int], size: int) -> tuple[int, ...] | None:
    """Find tokens of an answer that are a word, which is one and the same in whatever context.

    vLLM forbids a word with a space before it as well, where that gives as many tokens.
    """
    singles = [(token,) for token in tokens]
    found = singles if size == 1 else list(pairwise(tokens))
    for ending in found[_LEAST_BEFORE:]:
        letters = [text_of([token]) for token in ending]
        is_plain = all(len(letter) == 1 and letter.isalnum() for letter in letters)
        if is_plain and not is_word_start(letters[0]):
            return ending
    return None


EXAMINATIONS: dict[str, Examination] = {
    "sampling.penalties": _penalties,
    "sampling.bias": _bias,
    "sampling.allowed-tokens": _allowed,
    "sampling.bad-words": _bad_words,
}
