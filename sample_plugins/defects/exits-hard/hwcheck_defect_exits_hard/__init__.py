"""The defect: register() ends the process with os._exit(0)."""

import os

__all__ = ["register"]


def register() -> str | None:
    """Leave the process at once, with the exit code of success."""
    os._exit(0)
