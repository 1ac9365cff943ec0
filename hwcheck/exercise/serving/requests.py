"""Examinations: requests at the limits of what can be asked, and beyond them."""

from collections.abc import Iterator, Sequence
from dataclasses import replace

from hwcheck.exercise.bench import Bench, Examination
from hwcheck.exercise.failures import failed_in_use, refuses
from hwcheck.exercise.serving.asking import CORE, compared, greedy, judged, worst
from hwcheck.exercise.serving.engine import Answer, Ask, Engine
from hwcheck.exercise.serving.prompts import PROMPTS, random_prompt
from hwcheck.exercise.serving.recipe import DENSE
from hwcheck.exercise.serving.reference_client import Reference
from hwcheck.exercise.serving.shared_engine import with_engine
from hwcheck.exercise.serving.tokenizer_file import token_texts
from hwcheck.exercise.verdicts import broken, kept
from hwcheck.model.examination import ExaminedCase
from hwcheck.model.outcome import Refusal

__all__ = ["EXAMINATIONS"]

#: The reference continues it in plain letters, and is sure of them: no half of a letter is left.
_TEXT = "日本語 the ∑ the señor other"
_FEW_TOKENS = 4
_TEXT_TOKENS = 8
_REPEATED = 20
_LONGEST_MESSAGE = 300
#: Many more than it takes to serve one request.
_MOST_STEPS = 200


@with_engine(CORE)
def _limit(bench: Bench, engine: Engine, reference: Reference) -> Iterator[ExaminedCase]:
    context = engine.given.context
    yield _filled(engine, reference)
    over = greedy(random_prompt(context, 7), max_tokens=1)
    what = f"a prompt that fills the context of {context} tokens"
    yield _refused("over", over, what, (str(context),), bench, engine)


def _filled(engine: Engine, reference: Reference) -> ExaminedCase:
    """Ask for as much as there is room, and for more where the platform takes such a request."""
    context = engine.given.context
    length = engine.given.room(1)
    room = context - length
    ask = greedy(random_prompt(length, 7), max_tokens=8 if room == 1 else room)
    answer = engine.first([ask])[0]
    if len(answer.tokens) != room or answer.finish != "length":
        return broken(
            f"a prompt of {length} tokens in a context of {context} gives "
            f"{len(answer.tokens)} tokens and the finish reason {answer.finish!r}; "
            f"it has room for {room}, and ends with 'length'",
            "at",
        )
    due = greedy(ask.prompt, max_tokens=room)
    return judged("at", worst(compared(engine, reference, [due], [answer])))


@with_engine(CORE)
def _empty(bench: Bench, engine: Engine, reference: Reference) -> Iterator[ExaminedCase]:
    yield _refused("", greedy(()), "a prompt without tokens", ("empty", "prompt"), bench, engine)


@with_engine(CORE)
def _unknown_token(bench: Bench, engine: Engine, reference: Reference) -> Iterator[ExaminedCase]:
    unknown = 10 * DENSE.vocabulary + 7
    # As few new tokens as in the request behind it: their number is no matter of this contract.
    ask = greedy((*PROMPTS[0], unknown), max_tokens=_FEW_TOKENS)
    what = f"token {unknown}, where the vocabulary has {DENSE.vocabulary}"
    yield _refused("", ask, what, (str(unknown), "vocab"), bench, engine)


def _refused(  # noqa: PLR0917
    name: str, ask: Ask, what: str, words: Sequence[str], bench: Bench, engine: Engine
) -> ExaminedCase:
    """Ask for what cannot be served; any of `words` in the message makes the refusal clear."""
    try:
        names = engine.add([ask])
    # A refusal can be any exception; which it is gets judged.
    except Exception as error:
        case = _judged_refusal(name, error, what, words, bench)
    else:
        return _served_all_the_same(name, names[0], what, bench, engine)
    # That the engine lives on is a part of the contract.
    answer = engine.first([greedy(PROMPTS[0], max_tokens=_FEW_TOKENS)])[0]
    if case.reason is None and len(answer.tokens) != _FEW_TOKENS:
        return broken(f"after {what} was refused, the next request gets {answer.tokens}", name)
    return case


def _judged_refusal(
    name: str, error: Exception, what: str, words: Sequence[str], bench: Bench
) -> ExaminedCase:
    raised = bench.attribution.raised(error)
    told = f"{raised.type}: {raised.message[:_LONGEST_MESSAGE]}"
    is_clear = any(word in raised.message.lower() for word in words)
    if refuses(error) and is_clear:
        return replace(kept(name), refusal=Refusal.CLEAN)
    missing = "" if is_clear else f"; it names none of {', '.join(map(repr, words))}"
    case = broken(f"{what} is refused by {told}{missing}", name, place=raised.place)
    return replace(case, refusal=Refusal.CRASHED)


def _served_all_the_same(
    name: str, request: str, what: str, bench: Bench, engine: Engine
) -> ExaminedCase:
    try:
        answers = engine.run(_MOST_STEPS)[request]
    # Whatever it does with it, it should have refused it.
    except Exception as error:
        case = failed_in_use(bench, error, f"{what} is accepted, and serving it", name)
        return replace(case, refusal=Refusal.CRASHED)
    told = f"{what} is accepted, and answered with {len(answers[0].tokens)} tokens"
    return replace(broken(told, name), refusal=Refusal.IGNORED)


@with_engine(CORE)
def _text(bench: Bench, engine: Engine, reference: Reference) -> Iterator[ExaminedCase]:
    ask = greedy((), max_tokens=_TEXT_TOKENS)
    parameters = engine.sampling(ask)
    output = engine.llm.generate([_TEXT], parameters, use_tqdm=False)[0]
    prompt, found = tuple(output.prompt_token_ids), output.outputs[0]
    if _spelled(prompt) != _TEXT:
        yield broken(f"{_TEXT!r} is turned into tokens that say {_spelled(prompt)!r}")
        return
    answer = Answer(
        tokens=tuple(found.token_ids),
        text=found.text,
        finish=found.finish_reason,
        stop=None,
        logprobs=None,
        prompt_logprobs=None,
        cached=0,
    )
    if answer.text != _spelled(answer.tokens):
        yield broken(f"the tokens say {_spelled(answer.tokens)!r}, the text {answer.text!r}")
        return
    yield judged("", worst(compared(engine, reference, [replace(ask, prompt=prompt)], [answer])))


def _spelled(tokens: Sequence[int]) -> str:
    texts = token_texts(DENSE.vocabulary)
    return b"".join(texts[token] for token in tokens).decode(errors="replace")


@with_engine(CORE)
def _repeated(bench: Bench, engine: Engine, reference: Reference) -> Iterator[ExaminedCase]:
    asked = [greedy(PROMPTS[3], max_tokens=8)] * _REPEATED
    answers = engine.first(asked)
    # Equal answers are compared once.
    different = {answer.tokens: answer for answer in answers}
    if short := [answer for answer in answers if len(answer.tokens) != 8]:
        yield broken(f"{len(short)} of {_REPEATED} equal requests did not get 8 tokens")
        return
    found = list(different.values())
    yield judged("", worst(compared(engine, reference, asked[: len(found)], found)))


EXAMINATIONS: dict[str, Examination] = {
    "request.limit": _limit,
    "request.empty": _empty,
    "request.unknown-token": _unknown_token,
    "request.text": _text,
    "request.repeated": _repeated,
}
