"""Examinations: whether tokens are sampled as often as their distribution says.

All tokens of many answers are samples, each of the distribution that the reference has after the
tokens before it; requests with different parameters share the batches.
"""

from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import asdict, dataclass, field
from random import Random
from time import monotonic, process_time

import numpy as np

from hwcheck.exercise.bench import Bench, Examination
from hwcheck.exercise.serving.asking import CORE
from hwcheck.exercise.serving.chances import (
    Shape,
    evidence,
    evidence_limit,
    from_uniform,
    mapped,
    most_evidence,
    shaped,
)
from hwcheck.exercise.serving.engine import Answer, Ask, Engine
from hwcheck.exercise.serving.precision import TOLERANCES
from hwcheck.exercise.serving.prompts import random_prompt
from hwcheck.exercise.serving.reference_client import Array, Reference
from hwcheck.exercise.serving.shared_engine import with_engine
from hwcheck.exercise.verdicts import broken, kept, not_measured
from hwcheck.model.examination import ExaminedCase
from hwcheck.model.outcome import Figure

__all__ = ["EXAMINATIONS", "FALSE_ALARM", "SHAPES", "shares_judged"]

SHAPES: dict[str, dict[str, Shape]] = {
    "sampling.temperature": {
        "low": Shape(temperature=0.4),
        "one": Shape(),
        "high": Shape(temperature=1.6),
    },
    "sampling.top-k": {
        "few": Shape(top_k=3),
        "many": Shape(top_k=12),
    },
    "sampling.top-p": {
        "half": Shape(top_p=0.5),
        "most": Shape(top_p=0.9),
    },
    "sampling.min-p": {
        "low": Shape(min_p=0.02),
        "high": Shape(min_p=0.2),
    },
}
#: Of a whole run: the chance that a plugin without fault is said to have one.
FALSE_ALARM = 1e-7
#: Distributions that other contracts have judged here.
_FURTHER = 1
_TESTS = 2 * (sum(len(shapes) for shapes in SHAPES.values()) + _FURTHER)
_PROMPT = 5
_TOKENS = 48
_FIRST_TOKENS = 28
#: Samples for each shape; fewer where a plugin needs longer than this for them.
_ENOUGH = 600
#: Of this process, whose machine may be busy with others; and in all, for a device that is slow.
_PROCESSOR_SECONDS, _SECONDS = 5.0, 25.0


@dataclass(slots=True, kw_only=True)
class _Drawn:
    """What was sampled with one shape."""

    shape: Shape
    dtype: str
    spread: Random
    by_chance: list[float] = field(default_factory=list)
    by_token: list[float] = field(default_factory=list)
    seen: int = 0
    """Tokens, those included that are left out."""
    fault: str | None = None

    def note(self, prompt: Sequence[int], tokens: Sequence[int], rows: Array) -> None:
        """Take every token of an answer for a sample."""
        given = np.asarray(tokens)
        rows = rows[len(prompt) - 1 :][: len(given)]
        support = shaped(rows, self.shape, TOLERANCES[self.dtype])
        self.seen += len(given)
        impossible = np.flatnonzero(~support.possible[np.arange(len(given)), given])
        if len(impossible) and self.fault is None:
            number = int(impossible[0])
            row, token = rows[number], tokens[number]
            self.fault = (
                f"token {number} is {token}, to which the reference finds "
                f"{int((row > row[token]).sum())} others preferable, and no more than "
                f"{int(support.possible[number].sum())} are possible"
            )
        # The row alone decides which samples are left out, so the others stay as they are due.
        sure = support.is_sure
        places = [self.spread.random() for _ in range(int(sure.sum()))]
        for values, by_chance in ((self.by_chance, True), (self.by_token, False)):
            found = mapped(support.logprobs[sure], given[sure], places, by_chance=by_chance)
            values.extend(found.tolist())

    def expects(self, tokens: int) -> bool:
        """Whether so many tokens more are likely to be enough."""
        share = len(self.by_chance) / self.seen if self.seen else 0.0
        return len(self.by_chance) + share * tokens >= _ENOUGH


@dataclass(frozen=True, slots=True, kw_only=True)
class _Batch:
    """Answers that are not yet noted."""

    names: Sequence[str]
    asks: Sequence[Ask]
    answers: Sequence[Answer]
    rows: Future[list[Array]]
    """What the reference says of each, as soon as it has said it."""

    def note(self, drawn: Mapping[str, _Drawn]) -> None:
        """Take all tokens for samples of the shapes that they were sampled with."""
        told = zip(self.names, self.asks, self.answers, self.rows.result(), strict=True)
        for name, ask, answer, rows in told:
            drawn[name].note(ask.prompt, answer.tokens, rows)

    def is_last(self, drawn: Mapping[str, _Drawn]) -> bool:
        """Whether no other batch is likely to be needed."""
        tokens = dict.fromkeys(drawn, 0)
        for name, answer in zip(self.names, self.answers, strict=True):
            tokens[name] += len(answer.tokens)
        return all(item.expects(tokens[name]) for name, item in drawn.items())


def _examination(shapes: Mapping[str, Shape]) -> Examination:
    @with_engine(CORE)
    def examine(bench: Bench, engine: Engine, reference: Reference) -> Iterator[ExaminedCase]:
        yield from shares_judged(engine, reference, shapes, seed=bench.seed)

    return examine


def shares_judged(
    engine: Engine, reference: Reference, shapes: Mapping[str, Shape], *, seed: int
) -> Iterator[ExaminedCase]:
    """Sample with each of the shapes, and say of each whether tokens come as often as due."""
    spread = Random(seed)
    drawn = {
        name: _Drawn(shape=shape, dtype=engine.given.dtype, spread=spread)
        for name, shape in shapes.items()
    }
    end, busy_end = monotonic() + _SECONDS, process_time() + _PROCESSOR_SECONDS
    tokens = _FIRST_TOKENS
    waiting: list[_Batch] = []
    # The reference is another process: it computes while the engine serves the next batch.
    with ThreadPoolExecutor(1) as beside:
        for number in range(_ENOUGH):
            names = _batch(engine, tuple(shapes))
            asks = [
                _ask(engine, shapes[name], tokens, seed=1000 * number + row)
                for row, name in enumerate(names)
            ]
            answers = engine.first(asks)
            rows = beside.submit(_rows, reference, asks, answers)
            waiting.append(_Batch(names=names, asks=asks, answers=answers, rows=rows))
            is_over = monotonic() > end or process_time() > busy_end
            while len(waiting) > 1 or (waiting and (is_over or waiting[0].is_last(drawn))):
                waiting.pop(0).note(drawn)
            # Few at first, so that a slow plugin is not kept busy for minutes.
            tokens = _TOKENS
            if is_over or min(len(item.by_chance) for item in drawn.values()) >= _ENOUGH:
                break
        for batch in waiting:
            batch.note(drawn)
    for name, item in drawn.items():
        yield _judged(name, item)


def _rows(reference: Reference, asks: Sequence[Ask], answers: Sequence[Answer]) -> list[Array]:
    pairs = zip(asks, answers, strict=True)
    return [reference.logits((*ask.prompt, *answer.tokens)) for ask, answer in pairs]


def _batch(engine: Engine, names: tuple[str, ...]) -> list[str]:
    """Fill the batch with the shapes by turns."""
    return [names[row % len(names)] for row in range(max(engine.given.requests, len(names)))]


def _ask(engine: Engine, shape: Shape, tokens: int, *, seed: int) -> Ask:
    prompt = random_prompt(_PROMPT, seed)
    most = min(tokens, engine.given.context - _PROMPT)
    return Ask(prompt=prompt, how={"max_tokens": most, "ignore_eos": True, **asdict(shape)})


def _judged(name: str, drawn: _Drawn) -> ExaminedCase:
    slack = TOLERANCES[drawn.dtype] / drawn.shape.temperature
    samples = len(drawn.by_chance)
    if drawn.fault is not None:
        return broken(drawn.fault, name)
    if not samples:
        return not_measured("rounding decides about every token", name)
    limit = evidence_limit(FALSE_ALARM / _TESTS)
    orders = {
        "of likelier and less likely tokens": drawn.by_chance,
        "of lower and higher tokens": drawn.by_token,
    }
    what, values = max(orders.items(), key=lambda item: evidence(item[1], slack))
    found = evidence(values, slack)
    figures = [
        Figure(name="samples", value=samples),
        Figure(name="largest distance of shares", value=from_uniform(values)),
        Figure(name="evidence", value=found, limit=limit),
    ]
    if found > limit:
        reason = f"the shares {what} are off by {from_uniform(values):.3g} in {samples} samples"
        return broken(reason, name, figures=figures)
    if most_evidence(samples, slack) < 1.5 * limit:
        return not_measured(f"{samples} samples are too few, or this dtype too inexact", name)
    return kept(name, figures=figures)


EXAMINATIONS: dict[str, Examination] = {id: _examination(shapes) for id, shapes in SHAPES.items()}
