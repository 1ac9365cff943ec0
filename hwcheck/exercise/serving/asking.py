"""What the serving contracts ask of an engine, and how they judge what comes back."""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import Any, Protocol

from hwcheck.exercise.serving.engine import Answer, Ask, Engine, Given
from hwcheck.exercise.serving.precision import Distance, compare_tokens
from hwcheck.exercise.serving.reference_client import Reference
from hwcheck.exercise.serving.shared_engine import Order
from hwcheck.exercise.verdicts import broken, kept
from hwcheck.model.examination import ExaminedCase

__all__ = [
    "CORE",
    "NEW_TOKENS",
    "Answering",
    "Telling",
    "compared",
    "cut",
    "greedy",
    "judged",
    "served_greedily",
    "worst",
]

#: The engine that most contracts share.
CORE = Order()
NEW_TOKENS = 24


class Answering(Protocol):
    """What answers requests within limits: one engine, or several."""

    @property
    def given(self) -> Given:
        """Its limits."""


class Telling(Protocol):
    """What tells how likely each next token is: the reference, or what remembers it."""

    def logprobs(self, tokens: Sequence[int], /) -> Any:
        """Return log-probabilities, a row a position."""


def greedy(prompt: Sequence[int], **changes: object) -> Ask:
    """Ask for the likeliest tokens."""
    how = {"temperature": 0.0, "max_tokens": NEW_TOKENS, "ignore_eos": True}
    return Ask(prompt=tuple(prompt), how={**how, **changes})


def cut(prompt: Sequence[int], engine: Engine, new: int = NEW_TOKENS) -> Sequence[int]:
    """Take as much of a prompt as the engine has room for, with its answer."""
    return prompt[: engine.given.room(new)]


def compared(
    engine: Answering, reference: Telling, asks: Iterable[Ask], answers: Iterable[Answer]
) -> list[Distance]:
    """Compare greedy answers with the reference, on the engine's own tokens."""
    return [
        _complete(
            ask,
            answer,
            compare_tokens(
                ask.prompt,
                answer.tokens,
                reference.logprobs((*ask.prompt, *answer.tokens)),
                engine.given.dtype,
            ),
        )
        for ask, answer in zip(asks, answers, strict=True)
    ]


def worst(distances: Iterable[Distance]) -> Distance:
    """The largest distance, with the first fault."""
    found = list(distances)
    fault = next((item.fault for item in found if item.fault is not None), None)
    return Distance(largest=max(item.largest for item in found), limit=found[0].limit, fault=fault)


def judged(name: str, distance: Distance) -> ExaminedCase:
    """Turn a distance into the verdict on a case."""
    if distance.fault is None:
        return kept(name, figures=[distance.figure])
    return broken(distance.fault, name, figures=[distance.figure])


def served_greedily(
    name: str, engine: Engine, reference: Reference, prompts: Iterable[Sequence[int]]
) -> ExaminedCase:
    """Serve prompts at once and judge the likeliest tokens by the reference."""
    asks = [greedy(cut(prompt, engine)) for prompt in prompts]
    return judged(name, worst(compared(engine, reference, asks, engine.first(asks))))


def _complete(ask: Ask, answer: Answer, distance: Distance) -> Distance:
    """Find fault with an answer that has other than all tokens and claims to have them."""
    wanted, found = ask.how.get("max_tokens"), len(answer.tokens)
    if distance.fault is None and answer.finish == "length" and found != wanted:
        return replace(distance, fault=f"max_tokens={wanted} gives {found} tokens")
    return distance
