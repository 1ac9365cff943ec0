"""The defect: register() calls sys.exit()."""

import sys

__all__ = ["register"]


def register() -> str | None:
    """Leave the process the polite way."""
    sys.exit("no licence for this machine")
