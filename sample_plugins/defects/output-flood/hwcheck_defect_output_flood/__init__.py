"""The defect: register() writes to standard output without end."""

import sys

__all__ = ["register"]


def register() -> str | None:
    """Log more than anyone can keep."""
    while True:
        sys.stdout.write("looking for devices, still looking for devices\n" * 1000)
