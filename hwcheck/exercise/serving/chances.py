"""How likely what was sampled is: which tokens can come, and whether they come as often as due.

Each token is judged by the distribution that the reference has for it after the tokens that really
came before, so that every token of an answer is a sample.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from math import exp, log
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray

from hwcheck.exercise.serving.reference import log_softmax

__all__ = [
    "CUTS",
    "Shape",
    "Support",
    "evidence",
    "evidence_limit",
    "from_uniform",
    "log_chance",
    "mapped",
    "most_evidence",
    "shaped",
]

Array = NDArray[np.float64]
Mask = NDArray[np.bool_]

#: Where shares are compared; most of them at the ends, where a few samples tell much.
CUTS = (0.02, 0.05, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 0.95, 0.98)


@dataclass(frozen=True, slots=True, kw_only=True)
class Shape:
    """The sampling parameters that shape a distribution, with vLLM's names and neutral values."""

    temperature: float = 1.0
    top_k: int = 0
    top_p: float = 1.0
    min_p: float = 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Support:
    """Rows after they were shaped; the last axis is that of the tokens."""

    logprobs: Array
    """Normalised over the tokens that are sure, and -inf elsewhere, in the rows that are sure."""
    possible: Mask
    """Tokens that can come, if each logit may be wrong by the tolerance."""
    is_sure: Mask
    """Of each row, whether no token is so near a border that the tolerance decides about it."""


def shaped(rows: Array, shape: Shape, tolerance: float) -> Support:
    """Apply temperature, then min-p, top-k and top-p, in vLLM's order."""
    tempered = log_softmax(rows / shape.temperature)
    slack = tolerance / shape.temperature
    sure = np.ones(rows.shape, dtype=bool)
    possible = sure.copy()
    if shape.min_p > 0:
        border = tempered.max(axis=-1, keepdims=True) + log(shape.min_p)
        sure &= tempered >= border + 2 * slack
        possible &= tempered >= border - 2 * slack
    if 0 < shape.top_k < rows.shape[-1]:
        ordered = np.sort(np.where(possible, tempered, -np.inf), axis=-1)
        border, beyond = (ordered[..., -shape.top_k - back, None] for back in (0, 1))
        sure &= tempered > beyond + 2 * slack
        possible &= tempered >= border - 2 * slack
    if shape.top_p < 1:
        sure, possible = _nucleus(tempered, sure, possible, shape.top_p, slack)
    # The likeliest token is always possible, so a row without any that is sure is not sure.
    is_kept = sure | ~sure.any(axis=-1, keepdims=True)
    return Support(
        logprobs=log_softmax(np.where(is_kept, tempered, -np.inf)),
        possible=possible,
        is_sure=(sure == possible).all(axis=-1),
    )


def _nucleus(
    tempered: Array, sure: Mask, possible: Mask, top_p: float, slack: float
) -> tuple[Mask, Mask]:
    """A token stays where those that are likelier have less than `top_p` together."""
    chances = np.where(possible, np.exp(tempered), 0.0)
    chances = chances / chances.sum(axis=-1, keepdims=True)
    order = np.argsort(-tempered, axis=-1, kind="stable")
    # together[i]: what the i likeliest have.
    together = np.cumsum(np.take_along_axis(chances, order, axis=-1), axis=-1)
    together = np.concatenate((np.zeros_like(together[..., :1]), together), axis=-1)
    falling = -np.take_along_axis(tempered, order, axis=-1)
    surely_before, maybe_before = np.empty_like(chances), np.empty_like(chances)
    for found, places, side in (
        (surely_before, falling - 2 * slack, "left"),
        (maybe_before, falling + 2 * slack, "right"),
    ):
        np.put_along_axis(found, order, _before(together, falling, places, side), axis=-1)
    maybe_before -= chances
    # What all these have together can be wrong as well.
    least = top_p / (top_p + (1 - top_p) * np.exp(2 * slack))
    most = top_p / (top_p + (1 - top_p) * np.exp(-2 * slack))
    best = tempered == tempered.max(axis=-1, keepdims=True)
    return (
        sure & ((maybe_before < least) | best),
        possible & ((surely_before < most) | best),
    )


def _before(together: Array, falling: Array, places: Array, side: str) -> Array:
    """Return what the tokens before each place have together; numpy searches one row at a time."""
    width = places.shape[-1]
    rows = zip(
        together.reshape(-1, width + 1),
        falling.reshape(-1, width),
        places.reshape(-1, width),
        strict=True,
    )
    # It is quicker with places in order.
    where: Literal["left", "right"] = "left" if side == "left" else "right"
    found = [sums[np.searchsorted(keys, place, side=where)] for sums, keys, place in rows]
    return np.asarray(found, dtype=np.float64).reshape(places.shape)


def mapped(logprobs: Array, tokens: ArrayLike, spread: ArrayLike, *, by_chance: bool) -> Array:
    """Map sampled tokens to numbers that are uniform in 0..1 where the distribution is as due.

    A token gets the part of 0..1 that its chance is, behind those of the tokens before it, in
    the order of their chances or of their numbers; `spread` is a place in that part.
    """
    chances = np.exp(logprobs)
    numbers = np.asarray(tokens)[..., None]
    own = np.take_along_axis(chances, numbers, axis=-1)
    is_before = np.arange(chances.shape[-1]) < numbers
    if by_chance:
        is_before = (chances > own) | ((chances == own) & is_before)
    found: Array = np.where(is_before, chances, 0.0).sum(axis=-1) + np.asarray(spread) * own[..., 0]
    return found


def from_uniform(values: Sequence[float]) -> float:
    """The largest distance of the values' distribution function from the uniform one."""
    ordered = np.sort(np.asarray(values, dtype=np.float64))
    steps = np.arange(len(ordered) + 1) / len(ordered)
    return float(max((steps[1:] - ordered).max(), (ordered - steps[:-1]).max()))


def evidence(values: Sequence[float], slack: float) -> float:
    """How strongly numbers that are to be uniform speak against that, in nats.

    For each of `CUTS`, by Chernoff's bound: n times the relative entropy of the share below it
    and the due one. Logits that are wrong by `slack` each change the odds of whatever can happen
    by no more than twice that, in logarithm; so much is forgiven.
    """
    ordered = np.sort(np.asarray(values, dtype=np.float64))
    below = np.searchsorted(ordered, CUTS, side="right") / len(ordered)
    return max(
        len(ordered) * _apart(float(share), _moved(cut, -slack), _moved(cut, slack))
        for share, cut in zip(below, CUTS, strict=True)
    )


def evidence_limit(chance: float) -> float:
    """The evidence that numbers which are uniform exceed with no more than `chance`."""
    return log(2 * len(CUTS) / chance)


def most_evidence(samples: int, slack: float) -> float:
    """The evidence that this many samples give when all are on one side of the middle."""
    return -samples * log(_moved(0.5, slack))


def _moved(share: float, slack: float) -> float:
    odds = share / (1 - share) * exp(2 * slack)
    return odds / (1 + odds)


def _apart(share: float, least: float, most: float) -> float:
    """The relative entropy of a share and the nearest of those that are due."""
    due = min(max(share, least), most)
    parts = ((share, due), (1 - share, 1 - due))
    return sum(one * log(one / other) for one, other in parts if one > 0)


def log_chance(rows: Array, prompt: Sequence[int], tokens: Sequence[int], shape: Shape) -> float:
    """The logarithm of the probability that just these tokens are sampled."""
    total = 0.0
    for number, token in enumerate(tokens):
        row = rows[len(prompt) + number - 1] / shape.temperature
        total += float(row[token] - np.logaddexp.reduce(row))
    return total
