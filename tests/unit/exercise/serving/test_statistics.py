"""Thousands of answers and samples, of an engine whose next token depends on the last one alone."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from types import SimpleNamespace

import numpy as np
import pytest

from hwcheck.exercise.serving.chances import Shape, shaped
from hwcheck.exercise.serving.distributions import shares_judged
from hwcheck.exercise.serving.engine import Answer, Ask
from hwcheck.exercise.serving.reference import log_softmax
from hwcheck.exercise.serving.volume import volume_judged
from hwcheck.model.examination import CaseState

ROWS = np.random.RandomState(5).standard_normal((384, 384)) * 3
SHAPES = {"low": Shape(temperature=0.5), "few": Shape(top_k=5), "half": Shape(top_p=0.6)}


@dataclass(slots=True)
class ChainReference:
    """Says what follows each token."""

    asked: int = 0

    def logits(self, tokens: Sequence[int]) -> np.ndarray:
        self.asked += 1
        return ROWS[list(tokens)]

    def logprobs(self, tokens: Sequence[int]) -> np.ndarray:
        return log_softmax(self.logits(tokens))


def as_due(shape: Shape) -> Shape:
    return shape


@dataclass(slots=True)
class ChainEngine:
    """Serves the same, with the shapes and the answers that it is told to use."""

    used: Callable[[Shape], Shape] = as_due
    wrong_each: int = 0
    given: object = field(
        default_factory=lambda: SimpleNamespace(
            dtype="float32", requests=8, context=256, room=lambda new: 256 - new
        )
    )
    draw: np.random.RandomState = field(default_factory=lambda: np.random.RandomState(6))
    served: int = 0

    def first(self, asks: Sequence[Ask]) -> list[Answer]:
        return [self._answer(ask) for ask in asks]

    def _answer(self, ask: Ask) -> Answer:
        self.served += 1
        tokens: list[int] = []
        last = ask.prompt[-1]
        for _ in range(int(ask.how["max_tokens"])):
            last = self._next(last, ask)
            tokens.append(last)
        if self.wrong_each and self.served % self.wrong_each == 0:
            tokens[-1] = int(ROWS[tokens[-2] if len(tokens) > 1 else ask.prompt[-1]].argmin())
        return Answer(
            tokens=tuple(tokens),
            text="",
            finish="length",
            stop=None,
            logprobs=None,
            prompt_logprobs=None,
            cached=0,
        )

    def _next(self, last: int, ask: Ask) -> int:
        if ask.how["temperature"] == 0:
            return int(ROWS[last].argmax())
        names = ("temperature", "top_k", "top_p", "min_p")
        shape = self.used(Shape(**{name: ask.how[name] for name in names}))
        chances = np.exp(shaped(ROWS[last], shape, 0.0).logprobs)
        return int(self.draw.choice(len(chances), p=chances / chances.sum()))


def test_samples_that_are_due_are_kept():
    """
    Each shape gets its own samples, of which there are enough.
    """
    cases = list(shares_judged(ChainEngine(), ChainReference(), SHAPES, seed=0))

    assert [case.state for case in cases] == [CaseState.KEPT] * 3
    assert all(case.figures[0].value >= 600 for case in cases)


@pytest.mark.parametrize(
    ("used", "broken"),
    [
        (lambda shape: Shape(temperature=1.0) if shape.temperature != 1.0 else shape, "low"),
        (lambda shape: Shape(top_k=6) if shape.top_k else shape, "few"),
        (lambda shape: Shape(top_p=0.7) if shape.top_p < 1 else shape, "half"),
    ],
    ids=["temperature-ignored", "one-more", "larger-nucleus"],
)
def test_samples_of_another_shape_are_a_breach(used, broken):
    """
    The shape that is not honoured is found, and no other is accused.
    """
    cases = list(shares_judged(ChainEngine(used=used), ChainReference(), SHAPES, seed=0))

    assert [case.name for case in cases if case.state is CaseState.BROKEN] == [broken]


def test_volume_without_a_wrong_answer_is_kept():
    """
    The reference is asked once for what thousands of answers hold.
    """
    reference = ChainReference()

    case = volume_judged(ChainEngine(), reference, 3000)

    assert case.state is CaseState.KEPT
    assert case.figures[0].value == 3000
    assert reference.asked <= 2 * 64


def test_volume_finds_what_is_rare():
    """
    One wrong answer in seven hundred is seen, with its number.
    """
    case = volume_judged(ChainEngine(wrong_each=700), ChainReference(), 3000)

    assert case.state is CaseState.BROKEN
    assert case.reason.startswith("4 of 3000 answers are wrong, first answer 699: ")
