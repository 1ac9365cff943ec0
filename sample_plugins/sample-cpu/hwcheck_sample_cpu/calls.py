"""Count the calls of the sample's own code, to prove that it ran and not vLLM's."""

from collections import Counter

__all__ = ["CALLS"]

CALLS: Counter[str] = Counter()
