"""The numbers that a server counts, as its page ``/metrics`` tells them."""

from collections import defaultdict

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
        words = rest.split()
        try:
            found[name.split()[0]] += float(words[0])
        except (IndexError, ValueError):
            continue
    return dict(found)
