"""Pure search for the likeliest continuations, which vLLM's beam search is compared with."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

__all__ = ["Beam", "score", "search"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Beam:
    """A continuation, and the sum of the log-probabilities of its tokens."""

    tokens: tuple[int, ...]
    score: float


def search(
    rows: Callable[[Sequence[int]], Any], prompt: Sequence[int], *, width: int, count: int
) -> list[Beam]:
    """Return the `width` best beams of `count` tokens, the best first.

    `rows` gives a row of log-probabilities for each position of the tokens.
    """
    beams = [Beam(tokens=(), score=0.0)]
    for _ in range(count):
        grown = []
        for beam in beams:
            row = rows((*prompt, *beam.tokens))[-1]
            for token in sorted(range(len(row)), key=lambda item: -row[item])[:width]:
                total = beam.score + float(row[token])
                grown.append(Beam(tokens=(*beam.tokens, token), score=total))
        beams = sorted(grown, key=lambda beam: -beam.score)[:width]
    return beams


def score(
    rows: Callable[[Sequence[int]], Any], prompt: Sequence[int], tokens: Sequence[int]
) -> float:
    """Return the sum of the log-probabilities of tokens behind a prompt."""
    found = rows((*prompt, *tokens))
    start = len(prompt) - 1
    return float(sum(float(found[start + number][token]) for number, token in enumerate(tokens)))
