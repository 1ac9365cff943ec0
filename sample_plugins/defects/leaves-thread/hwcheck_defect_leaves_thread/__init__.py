"""The defect: register() leaves a thread running that keeps the process alive."""

import threading
import time

__all__ = ["register"]

SECONDS = 120


def _watch() -> None:
    # Bounded, so that a process that waits for it ends at last.
    time.sleep(SECONDS)


def register() -> str | None:
    """Start a watch that nobody stops."""
    threading.Thread(target=_watch, name="device-watch").start()
    return "hwcheck_defect_leaves_thread.device_platform.DevicePlatform"
