"""Examinations: where an answer ends, by tokens, texts and lengths."""

from collections.abc import Iterator, Sequence
from dataclasses import replace

from hwcheck.exercise.bench import Bench, Examination
from hwcheck.exercise.serving.asking import CORE, cut, greedy
from hwcheck.exercise.serving.engine import Answer, Ask, Engine
from hwcheck.exercise.serving.readable_text import readable_prompt
from hwcheck.exercise.serving.reference_client import Reference
from hwcheck.exercise.serving.row_changes import without
from hwcheck.exercise.serving.shaped_answers import Changed, judge_changed
from hwcheck.exercise.serving.shared_engine import with_engine
from hwcheck.exercise.serving.stops import fault_of_text_stop, fault_of_token_stop, text_across
from hwcheck.exercise.serving.tokenizer_file import EOS, PAD
from hwcheck.exercise.verdicts import broken, kept, not_measured
from hwcheck.model.examination import ExaminedCase
from hwcheck.model.outcome import Refusal

__all__ = ["EXAMINATIONS"]

_PROMPTS = tuple(readable_prompt(length, 2) for length in (7, 12, 5, 9))
_FIRST_STOP = 3
_MOST = (1, 2, 7)
_LEAST = 8
_FORCING = 100.0


@with_engine(CORE)
def _token(bench: Bench, engine: Engine, reference: Reference) -> Iterator[ExaminedCase]:
    stops = _stop_tokens(engine)
    asked = [greedy(prompt, stop_token_ids=[PAD, stop]) for prompt, stop in stops]
    asked.insert(1, greedy(_PROMPTS[0]))
    for name, asks in (("alone", asked[:1]), ("batch", asked)):
        answers = engine.first(asks)
        faults = [
            fault_of_token_stop(answer, _stops(ask), _length(ask))
            for ask, answer in zip(asks, answers, strict=True)
        ]
        yield _told(name, faults, answers)
    yield _end_of_sequence(engine)


def _end_of_sequence(engine: Engine) -> ExaminedCase:
    prompt = cut(_PROMPTS[0], engine)
    forced: dict[str, object] = {"logit_bias": {EOS: _FORCING}, "max_tokens": 6}
    asked = [greedy(prompt, ignore_eos=False, **forced), greedy(prompt, **forced)]
    ended, ignored = engine.first(asked)
    if EOS not in ended.tokens or EOS not in ignored.tokens:
        return not_measured("the end of the sequence does not come, though it is forced", "eos")
    if (ended.tokens, ended.finish) != ((EOS,), "stop"):
        reason = f"with {EOS}, the end of the sequence, {_shown(ended)} comes back"
        return broken(reason, "eos")
    if len(ignored.tokens) != _length(asked[1]):
        return broken(f"with ignore_eos, {_shown(ignored)} comes back", "eos")
    return kept("eos")


@with_engine(CORE)
def _text(bench: Bench, engine: Engine, reference: Reference) -> Iterator[ExaminedCase]:
    prompts = [cut(prompt, engine) for prompt in _PROMPTS]
    free = engine.first([greedy(prompt) for prompt in prompts])
    found = [
        (prompt, text_across(answer.tokens, _FIRST_STOP))
        for prompt, answer in zip(prompts, free, strict=True)
    ]
    stops = [(prompt, stop) for prompt, stop in found if stop is not None]
    for name, is_included in (("excluded", False), ("included", True)):
        asks = [
            greedy(prompt, stop=["@@unused@@", stop], include_stop_str_in_output=is_included)
            for prompt, stop in stops
        ]
        answers = engine.first(asks)
        faults = [
            fault_of_text_stop(answer, stop, is_included=is_included)
            for (_, stop), answer in zip(stops, answers, strict=True)
        ]
        yield _told(name, faults, answers)


@with_engine(CORE)
def _length_contract(bench: Bench, engine: Engine, reference: Reference) -> Iterator[ExaminedCase]:
    asks = [greedy(cut(_PROMPTS[0], engine), max_tokens=most) for most in _MOST]
    answers = engine.first(asks)
    wrong = [
        f"max_tokens={most} gives {_shown(answer)}"
        for most, answer in zip(_MOST, answers, strict=True)
        if (len(answer.tokens), answer.finish) != (most, "length")
    ]
    yield broken(wrong[0], "max") if wrong else kept("max")
    yield _least_with_stop(engine, reference)
    yield _least_with_end(engine)


def _least_with_stop(engine: Engine, reference: Reference) -> ExaminedCase:
    """A stop token does not come before `min_tokens`, and the likeliest other one does."""
    name = "min-stop-token"
    stops = _stop_tokens(engine)
    asks = [greedy(prompt, stop_token_ids=[stop], min_tokens=_LEAST) for prompt, stop in stops]
    answers = engine.first(asks)
    for (_, stop), answer in zip(stops, answers, strict=True):
        if stop in answer.tokens[:_LEAST] or len(answer.tokens) < _LEAST:
            reason = f"min_tokens={_LEAST} with the stop token {stop} gives {_shown(answer)}"
            return broken(reason, name)
    asked = [
        Changed(ask=ask, change=without([stop], until=_LEAST))
        for ask, (_, stop) in zip(asks, stops, strict=True)
    ]
    return judge_changed(name, engine, reference, asked, answers)


def _least_with_end(engine: Engine) -> ExaminedCase:
    """The end of the sequence, which is forced, comes right after `min_tokens`."""
    name = "min-eos"
    forced = {"logit_bias": {EOS: _FORCING}, "min_tokens": _LEAST, "ignore_eos": False}
    (answer,) = engine.first([greedy(cut(_PROMPTS[0], engine), **forced)])
    if EOS not in answer.tokens:
        return not_measured("the end of the sequence does not come, though it is forced", name)
    if answer.tokens.index(EOS) != _LEAST:
        reason = f"min_tokens={_LEAST}, where {EOS} is the end, gives {_shown(answer)}"
        return broken(reason, name)
    return kept(name)


def _stop_tokens(engine: Engine) -> list[tuple[Sequence[int], int]]:
    """Prompts, and a token of the answer to each that first comes after a few others."""
    prompts = [cut(prompt, engine) for prompt in _PROMPTS]
    answers = engine.first([greedy(prompt) for prompt in prompts])
    found = []
    for prompt, answer in zip(prompts, answers, strict=True):
        places = range(_FIRST_STOP, min(_LEAST, len(answer.tokens)))
        new = [place for place in places if answer.tokens[place] not in answer.tokens[:place]]
        if new:
            found.append((prompt, answer.tokens[new[0]]))
    return found


def _stops(ask: Ask) -> Sequence[int]:
    stops = ask.how.get("stop_token_ids", ())
    assert isinstance(stops, Sequence)
    return stops


def _length(ask: Ask) -> int:
    most = ask.how["max_tokens"]
    assert isinstance(most, int)
    return most


def _told(name: str, faults: Sequence[str | None], answers: Sequence[Answer]) -> ExaminedCase:
    if not any(answer.finish == "stop" for answer in answers) and not any(faults):
        return not_measured("what is to stop an answer comes in none", name)
    wrong = next((fault for fault in faults if fault), None)
    if wrong is None:
        return kept(name)
    case = broken(wrong, name)
    is_ignored = all(answer.finish == "length" for answer in answers)
    return replace(case, refusal=Refusal.IGNORED) if is_ignored else case


def _shown(answer: Answer) -> str:
    return f"{list(answer.tokens)}, finished by {answer.finish!r}"


EXAMINATIONS: dict[str, Examination] = {
    "stop.token": _token,
    "stop.text": _text,
    "stop.length": _length_contract,
}
