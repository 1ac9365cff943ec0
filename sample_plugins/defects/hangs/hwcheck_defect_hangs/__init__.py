"""The defect: register() never returns."""

import time

__all__ = ["register"]


def register() -> str | None:
    """Wait for a device that never answers."""
    while True:
        time.sleep(1)
