"""How answers are compared with the reference."""

from types import SimpleNamespace
from typing import Any

import pytest

from hwcheck.exercise.serving.asking import compared, greedy, worst
from hwcheck.exercise.serving.engine import Answer

numpy = pytest.importorskip("numpy")


class AlwaysTokenOne:
    """A reference that finds token 1 likeliest, wherever it is asked."""

    def logprobs(self, tokens: tuple[int, ...]) -> Any:
        return numpy.tile([-3.0, -0.1, -4.0], (len(tokens), 1))


def answer(*tokens: int, finish: str = "length") -> Answer:
    return Answer(
        tokens=tokens,
        text="",
        finish=finish,
        stop=None,
        logprobs=None,
        prompt_logprobs=None,
        cached=0,
    )


def fault_of(found: Answer, max_tokens: int) -> str | None:
    engine: Any = SimpleNamespace(given=SimpleNamespace(dtype="float32"))
    reference: Any = AlwaysTokenOne()
    asks = [greedy((2, 0), max_tokens=max_tokens)]
    return worst(compared(engine, reference, asks, [found])).fault


def test_compared_accepts_all_the_right_tokens():
    """
    As many as were asked for, each the likeliest.
    """
    assert fault_of(answer(1, 1), 2) is None


def test_compared_finds_an_answer_that_ends_early_for_its_length():
    """
    Tokens that are right do not make up for those that are missing.
    """
    assert fault_of(answer(1), 2) == "max_tokens=2 gives 1 tokens"


def test_compared_lets_an_answer_end_for_another_reason():
    """
    Where something stopped it, its length says nothing.
    """
    assert fault_of(answer(1, finish="stop"), 2) is None


def test_compared_names_the_wrong_token_first():
    """
    A wrong token says more than a missing one.
    """
    found = fault_of(answer(0), 2)

    assert found is not None
    assert found.startswith("token 0 is 0; the reference gives 1")
