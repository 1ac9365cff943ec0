"""What sampling parameters do to the logits of the next token, from their definitions alone."""

from collections.abc import Callable, Collection, Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

__all__ = ["Change", "biased", "changed_rows", "only", "penalised", "without"]

Array = NDArray[np.float64]

Change = Callable[[Array, Sequence[int]], Array]
"""Makes of the logits of the next token, and of the tokens generated before it, other logits."""


def penalised(
    prompt: Sequence[int],
    *,
    repetition: float = 1.0,
    presence: float = 0.0,
    frequency: float = 0.0,
) -> Change:
    """Make tokens less likely that came before.

    Repetition speaks of the prompt too, as in transformers; the others of the answer alone, as in
    OpenAI's API.
    """

    def change(row: Array, before: Sequence[int]) -> Array:
        other = row.copy()
        seen = sorted({*prompt, *before})
        scores = other[seen]
        other[seen] = np.where(scores > 0, scores / repetition, scores * repetition)
        for token in before:
            other[token] -= frequency
        for token in set(before):
            other[token] -= presence
        return other

    return change


def biased(bias: Mapping[int, float]) -> Change:
    """Add a number to the logit of each token that is named."""

    def change(row: Array, before: Sequence[int]) -> Array:
        other = row.copy()
        for token, number in bias.items():
            other[token] += number
        return other

    return change


def only(allowed: Collection[int]) -> Change:
    """Allow no other tokens."""

    def change(row: Array, before: Sequence[int]) -> Array:
        other = np.full_like(row, -np.inf)
        other[list(allowed)] = row[list(allowed)]
        return other

    return change


def without(ending: Sequence[int], *, until: int | None = None) -> Change:
    """Forbid a sequence of tokens by its last one, in the first `until` tokens of the answer."""

    def change(row: Array, before: Sequence[int]) -> Array:
        start = tuple(ending[:-1])
        is_due = until is None or len(before) < until
        if not is_due or tuple(before[len(before) - len(start) :]) != start:
            return row
        other = row.copy()
        other[ending[-1]] = -np.inf
        return other

    return change


def changed_rows(
    rows: Array, prompt: Sequence[int], tokens: Sequence[int], change: Change
) -> Array:
    """Change every row that an answer was chosen by; `rows` has one a position of both."""
    other = rows.copy()
    for number in range(len(tokens)):
        place = len(prompt) + number - 1
        other[place] = change(rows[place], tokens[:number])
    return other
