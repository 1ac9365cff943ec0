"""How near to the reference a dtype comes, and how tokens and log-probabilities are compared."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from hwcheck.model.outcome import Figure

__all__ = ["TOLERANCES", "Distance", "compare_logprobs", "compare_tokens", "usable_dtype"]

#: The largest distance of a log-probability from the float64 reference that is no fault. Measured
#: on vLLM's CPU backend: 1.1e-5, 0.011 and 0.1.
TOLERANCES = {"float32": 1e-3, "float16": 0.05, "bfloat16": 0.3}


def usable_dtype(platform: object, wanted: Iterable[str] = tuple(TOLERANCES)) -> str:
    """The first dtype that the platform supports, by default the most exact: it shows most."""
    named = [str(item).removeprefix("torch.") for item in _supported(platform)]
    return next((name for name in wanted if name in named), "auto")


@dataclass(frozen=True, slots=True, kw_only=True)
class Distance:
    """How far answers are from the reference."""

    largest: float
    limit: float
    fault: str | None
    """The first answer that is too far, in words."""

    @property
    def figure(self) -> Figure:
        """The distance as it is kept."""
        return Figure(name="largest distance", value=self.largest, limit=self.limit)


def compare_tokens(prompt: Sequence[int], tokens: Sequence[int], rows: Any, dtype: str) -> Distance:
    """Compare greedy tokens with the reference's log-probabilities after the same tokens.

    `rows` holds one row a position of prompt and tokens together. A token is right when the
    reference finds no other more than twice the tolerance likelier: near ties may fall either way.
    """
    limit = 2 * TOLERANCES[dtype]
    largest, fault = 0.0, None
    for number, token in enumerate(tokens):
        row = rows[len(prompt) + number - 1]
        behind = float(row.max() - row[token])
        largest = max(largest, behind)
        if behind > limit and fault is None:
            fault = (
                f"token {number} is {token}; the reference gives {int(row.argmax())}, "
                f"which it finds {behind:.3g} likelier in log-probability"
            )
    return Distance(largest=largest, limit=limit, fault=fault)


def compare_logprobs(
    told: Sequence[Mapping[int, float] | None], rows: Any, start: int, dtype: str
) -> Distance:
    """Compare log-probabilities with the reference's, the first of `told` with row `start`."""
    limit = TOLERANCES[dtype]
    largest, fault = 0.0, None
    for number, entry in enumerate(told):
        for token, value in (entry or {}).items():
            expected = float(rows[start + number][token])
            # Of what is next to impossible, only the order of magnitude can be told.
            distance = abs(value - expected) / max(1.0, abs(expected) / 10)
            largest = max(largest, distance)
            if not distance <= limit and fault is None:
                fault = (
                    f"the log-probability of token {token} at position {number} is {value:.6g}; "
                    f"the reference gives {expected:.6g}"
                )
    return Distance(largest=largest, limit=limit, fault=fault)


def _supported(platform: object) -> Sequence[object]:
    try:
        return list(platform.supported_dtypes)  # type: ignore[attr-defined]
    # Judged by another contract.
    except Exception:
        return ()
