"""The defect: register() answers None in a spawned process."""

import multiprocessing

__all__ = ["register"]


def register() -> str | None:
    """Claim the device in the first process only."""
    if multiprocessing.parent_process() is not None:
        return None
    return "hwcheck_defect_breaks_spawn.device_platform.DevicePlatform"
