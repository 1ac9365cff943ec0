"""The numbers that a server counts, as its page ``/metrics`` tells them."""

from collections import defaultdict
from contextlib import suppress

__all__ = ["counted"]


def counted(page: str) -> dict[str, float]:
    """Add up the values of each name, over all its labels; other lines are passed over."""
    found: defaultdict[str, float] = defaultdict(float)
    for line in page.splitlines():
        if line.startswith("#"):
            continue
        # The labels may hold spaces; behind the value there may be a time.
        name, _, labels = line.partition("{")
        rest = labels.rpartition("}")[2] if labels else line.partition(" ")[2]
        with suppress(IndexError, ValueError):
            value = float(rest.split()[0])
            found[name.split()[0]] += value
    return dict(found)
