"""Requests that are made shorter for a platform that rounds the room of a prompt up."""

from collections.abc import Iterator, Sequence
from typing import Any

import pytest

from hwcheck.exercise.serving.engine import Ask, Given
from hwcheck.exercise.serving.fitting import fitted, prompt_unit
from hwcheck.exercise.verdicts import kept
from hwcheck.model.examination import ExaminedCase

CONTEXT = 256


class Rounding:
    """Takes requests as an engine does whose prompts have the room of whole blocks."""

    def __init__(self, unit: int = 64) -> None:
        self.unit = unit
        self.is_spoilt = False
        self.waiting: set[str] = set()
        self.given = Given(
            context=CONTEXT,
            requests=4,
            step_tokens=64,
            # Not what its prompts are rounded up to: some plugins keep blocks of their own.
            block_size=CONTEXT,
            blocks=None,
            has_prefix_cache=False,
            has_chunked_prefill=True,
            dtype="float32",
        )

    def add(self, asks: Sequence[Ask]) -> list[str]:
        for ask in asks:
            room = -(-len(ask.prompt) // self.unit) * self.unit
            new = ask.how["max_tokens"]
            assert isinstance(new, int)
            if room + new > CONTEXT:
                raise ValueError(f"{room} and {new} tokens have no room in {CONTEXT}")
        names = [f"{len(self.waiting)}-{number}" for number, _ in enumerate(asks)]
        self.waiting |= set(names)
        return names

    def abort(self, names: Sequence[str]) -> None:
        self.waiting -= set(names)


@pytest.mark.parametrize("unit", [1, 16, 64, 128])
def test_unit_is_the_smallest_that_is_taken(unit: int):
    """
    The platform tells by what it refuses; no request is left behind.
    """
    engine: Any = Rounding(unit)

    assert prompt_unit(engine) == unit
    assert engine.waiting == set()


def test_refused_request_is_made_shorter():
    """
    What does not fit for the rounding alone is asked for again.
    """
    engine: Any = Rounding()

    def examine() -> Iterator[ExaminedCase]:
        prompt = (7,) * engine.given.room(16)
        engine.add([Ask(prompt=prompt, how={"max_tokens": 16})])
        yield kept(f"{len(prompt)} tokens")

    assert [case.name for case in fitted(examine, engine)] == ["192 tokens"]


def test_refusal_for_another_reason_stays():
    """
    Where a prompt may fill the context, nothing is asked for again, and cases before count.
    """
    engine: Any = Rounding(1)
    seen = []

    def examine() -> Iterator[ExaminedCase]:
        seen.append("once")
        yield kept("before")
        raise ValueError("no prompt logprobs here")

    cases = fitted(examine, engine)

    assert next(iter(cases)).name == "before"
    with pytest.raises(ValueError, match="no prompt logprobs"):
        next(iter(cases))
    assert seen == ["once"]


def test_engine_that_broke_is_left_alone():
    """
    An exception in a step is no refusal.
    """
    engine: Any = Rounding()

    def examine() -> Iterator[ExaminedCase]:
        engine.is_spoilt = True
        yield kept("before")
        raise ValueError("in a step")

    with pytest.raises(ValueError, match="in a step"):
        list(fitted(examine, engine))
    assert engine.given.prompt_unit == 1
