"""The defect: register() leaves a daemon running."""

import os
import time

__all__ = ["register"]

SECONDS = 120


def _serve() -> None:
    # Let go of pipes on which others wait for the end of this process's parent.
    os.closerange(0, 1024)
    # Bounded, so that a run that does not clean up is cleaned up at last.
    time.sleep(SECONDS)
    os._exit(0)


def register() -> str | None:
    """Start a monitor that nobody stops."""
    child = os.fork()
    if child == 0:
        os.setsid()
        if os.fork() == 0:
            _serve()
        os._exit(0)
    os.waitpid(child, 0)
    return "hwcheck_defect_leaves_process.device_platform.DevicePlatform"
