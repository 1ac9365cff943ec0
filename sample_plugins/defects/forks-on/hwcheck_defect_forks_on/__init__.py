"""The defect: register() forks, and both processes go on as if they were the one."""

import os

__all__ = ["register"]

_FORKED: list[int] = []


def register() -> str | None:
    """Return twice from one call."""
    # Once, so that a run without a limit does not end in a storm.
    if not _FORKED:
        _FORKED.append(os.getpid())
        os.fork()
    return "hwcheck_defect_forks_on.device_platform.DevicePlatform"
