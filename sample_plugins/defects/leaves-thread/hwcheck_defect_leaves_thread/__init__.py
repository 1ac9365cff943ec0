"""The defect: register() leaves a thread running."""

import threading
import time

__all__ = ["register"]


def _watch() -> None:
    while True:
        time.sleep(1)


def register() -> str | None:
    """Start a watch that nobody stops."""
    threading.Thread(target=_watch, name="device-watch", daemon=True).start()
    return "hwcheck_defect_leaves_thread.device_platform.DevicePlatform"
