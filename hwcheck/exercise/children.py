"""The children that start engines."""

__all__ = ["SERVING"]

SERVING = frozenset({"serving", "server", "parallel", "pairs"})
"""The children that start engines of vLLM's."""
