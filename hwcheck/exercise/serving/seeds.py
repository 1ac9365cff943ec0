"""Examinations: what makes samples repeat, and what makes them differ."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import combinations

from hwcheck.exercise.bench import Bench, Examination
from hwcheck.exercise.failures import refuses
from hwcheck.exercise.serving.asking import CORE, greedy
from hwcheck.exercise.serving.chances import Shape, log_chance
from hwcheck.exercise.serving.engine import Answer, Ask, Engine
from hwcheck.exercise.serving.prompts import random_prompt
from hwcheck.exercise.serving.reference_client import Reference
from hwcheck.exercise.serving.row_changes import biased, penalised
from hwcheck.exercise.serving.shaped_answers import Changed, judge_changed
from hwcheck.exercise.serving.shared_engine import with_engine
from hwcheck.exercise.verdicts import broken, kept, not_applicable, not_measured
from hwcheck.model.examination import ExaminedCase
from hwcheck.model.outcome import Refusal

__all__ = ["COINCIDENCE", "EXAMINATIONS", "parted", "sampled", "short_prompts"]

#: Natural logarithm of the chance of two equal answers, from which on they are no coincidence.
COINCIDENCE = -18.5
_TOKENS = 24
_SEQUENCES = 3
#: Where rounding alone may decide between two tokens, one answer in this dtype never tells.
_EXACT = "float32"
_SHAPE = Shape(temperature=1.3)


def sampled(prompt: Sequence[int], **how: object) -> Ask:
    """Ask for tokens by chance."""
    basis = {"temperature": _SHAPE.temperature, "max_tokens": _TOKENS, "ignore_eos": True}
    return Ask(prompt=tuple(prompt), how={**basis, **how})


def short_prompts(engine: Engine, count: int) -> list[tuple[int, ...]]:
    """Prompts that fit into one step together.

    A seeded prompt in pieces ends the engine on vLLM's own CPU platform; a contract of its own.
    """
    length = max(1, min(7, engine.given.step_tokens // max(1, engine.given.requests)))
    return [random_prompt(length, 40 + number) for number in range(count)]


def parted(pairs: Sequence[tuple[Answer, Answer]]) -> int:
    """How many pairs of answers go apart."""
    return sum(one.tokens != other.tokens for one, other in pairs)


@with_engine(CORE)
def _seed(bench: Bench, engine: Engine, reference: Reference) -> Iterator[ExaminedCase]:
    prompts = short_prompts(engine, 6)
    watched = [sampled(prompt, seed=70 + n) for n, prompt in enumerate(prompts[:3])]
    alone = [engine.first([ask])[0] for ask in watched]
    again = [engine.first([ask])[0] for ask in watched]
    yield _same("alone", alone, again)
    first, second = (
        # In batches of one form, so that rounding is the same; and the others are not.
        engine.first([*(sampled(p, seed=seed + n) for n, p in enumerate(prompts[3:])), *watched])
        for seed in (100, 200)
    )
    yield _same("batch", first[3:], second[3:])
    yield _same_elsewhere("alone-and-batch", engine, alone, first[3:])
    differing = [sampled(prompts[0], seed=seed) for seed in (1, 2, 3, 4)]
    yield _different("different", differing[0], engine.first(differing), reference)


@with_engine(CORE)
def _several(bench: Bench, engine: Engine, reference: Reference) -> Iterator[ExaminedCase]:
    prompt = short_prompts(engine, 1)[0]
    for name, how in (("sampled", {}), ("seeded", {"seed": 9})):
        ask = sampled(prompt, n=_SEQUENCES, **how)
        answers = engine.answer([ask, sampled(prompt)])[0]
        if len(answers) != _SEQUENCES:
            yield broken(f"n={_SEQUENCES} gives {len(answers)} sequences", name)
        else:
            yield _different(name, ask, answers, reference)
    yield _several_greedy(engine)


def _several_greedy(engine: Engine) -> ExaminedCase:
    ask = greedy(short_prompts(engine, 1)[0], n=_SEQUENCES)
    try:
        answers = engine.answer([ask])[0]
    # vLLM allows it in some releases.
    except Exception as error:
        if engine.is_spoilt or not refuses(error):
            raise
        return not_applicable("this vLLM refuses several greedy sequences", "greedy")
    if len(answers) != _SEQUENCES or len({answer.tokens for answer in answers}) > 1:
        shown = [list(answer.tokens) for answer in answers]
        return broken(f"n={_SEQUENCES} gives {shown}, and temperature=0 one answer", "greedy")
    return kept("greedy")


@with_engine(CORE)
def _mixed(bench: Bench, engine: Engine, reference: Reference) -> Iterator[ExaminedCase]:
    prompts = short_prompts(engine, 8)
    bias = {150: 11.0, 160: 12.0}
    due = [
        Changed(ask=greedy(prompts[0])),
        Changed(
            ask=greedy(prompts[1], repetition_penalty=1.4, max_tokens=20),
            change=penalised(prompts[1], repetition=1.4),
        ),
        # Ends early, so that another request gets its place in the batch.
        Changed(ask=greedy(prompts[2], max_tokens=5)),
        Changed(
            ask=greedy(prompts[3], frequency_penalty=0.6, presence_penalty=0.4),
            change=penalised(prompts[3], frequency=0.6, presence=0.4),
        ),
        Changed(ask=greedy(prompts[4], logit_bias=bias, max_tokens=18), change=biased(bias)),
    ]
    seeded = [
        sampled(prompts[5], seed=5, max_tokens=16),
        sampled(prompts[6], seed=6),
        sampled(prompts[7], seed=7, top_k=20, max_tokens=12),
    ]
    asks = [ask for pair in zip(seeded, [i.ask for i in due], strict=False) for ask in pair]
    asks += [item.ask for item in due[len(seeded) :]]
    answers = dict(zip(asks_by_place(asks), engine.first(asks), strict=True))
    together = [answers[place] for place in asks_by_place([item.ask for item in due])]
    yield judge_changed("greedy", engine, reference, due, together)
    alone = [engine.first([ask])[0] for ask in seeded]
    mixed = [answers[place] for place in asks_by_place(seeded)]
    yield _same_elsewhere("seeded", engine, alone, mixed)


def asks_by_place(asks: Sequence[Ask]) -> list[tuple[int, ...]]:
    """Tell requests of one batch apart by their prompts."""
    return [ask.prompt for ask in asks]


def _same(name: str, first: Sequence[Answer], second: Sequence[Answer]) -> ExaminedCase:
    pairs = list(zip(first, second, strict=True))
    # One of them may be the near tie of a lifetime.
    if (count := parted(pairs)) > 1:
        one, other = next(pair for pair in pairs if pair[0].tokens != pair[1].tokens)
        case = broken(f"one seed gives {list(one.tokens)} and then {list(other.tokens)}", name)
        return replace(case, refusal=Refusal.IGNORED) if count == len(pairs) else case
    return kept(name)


def _same_elsewhere(
    name: str, engine: Engine, first: Sequence[Answer], second: Sequence[Answer]
) -> ExaminedCase:
    """Compare what differs in what it was batched with, so that rounding may differ as well."""
    if engine.given.dtype != _EXACT:
        return not_measured(f"in {engine.given.dtype}, rounding decides between tokens", name)
    pairs = list(zip(first, second, strict=True))
    # One of them may be the near tie of a lifetime.
    if (count := parted(pairs)) > 1:
        one, other = next(pair for pair in pairs if pair[0].tokens != pair[1].tokens)
        return broken(
            f"{count} of {len(pairs)} seeded requests give other tokens than alone, such as "
            f"{list(other.tokens)} and not {list(one.tokens)}",
            name,
        )
    return kept(name)


def _different(
    name: str, ask: Ask, answers: Sequence[Answer], reference: Reference
) -> ExaminedCase:
    """Answers to one prompt differ, unless the reference finds that they hardly can."""
    is_telling = False
    for one, other in combinations(answers, 2):
        rows = reference.logits((*ask.prompt, *one.tokens))
        if log_chance(rows, ask.prompt, one.tokens, _SHAPE) > COINCIDENCE:
            continue
        is_telling = True
        if one.tokens == other.tokens:
            return broken(f"{list(one.tokens)} comes twice", name)
    return kept(name) if is_telling else not_measured("equal answers are too likely", name)


EXAMINATIONS: dict[str, Examination] = {
    "sampling.seed": _seed,
    "sampling.n": _several,
    "sampling.mixed-batch": _mixed,
}
