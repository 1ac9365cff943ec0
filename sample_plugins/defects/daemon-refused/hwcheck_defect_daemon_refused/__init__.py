"""The defect: register() answers None in a daemon, as which vLLM starts its workers."""

import multiprocessing

__all__ = ["register"]


def register() -> str | None:
    """Claim the device where processes may be started for it."""
    if multiprocessing.current_process().daemon:
        return None
    return "hwcheck_defect_daemon_refused.device_platform.DevicePlatform"
