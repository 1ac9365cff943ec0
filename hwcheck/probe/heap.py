"""The heap of a process that imports vLLM."""

import gc

__all__ = ["collect_seldom"]

#: Objects of each generation that make Python collect it.
_SELDOM = (50_000, 20, 20)


def collect_seldom() -> None:
    """Let Python collect after more objects than it does by itself.

    vLLM's import makes more than half a million that last; on the way, Python would go through some
    of them 1500 times and through all nine times, which takes a third of the import.
    """
    gc.set_threshold(*_SELDOM)
