"""The defect: a forked copy of the process does not survive."""

import os

__all__ = ["register"]


def register() -> str | None:
    """Forbid what the runtime cannot stand."""
    os.register_at_fork(after_in_child=lambda: os._exit(70))
    return "hwcheck_defect_breaks_fork.device_platform.DevicePlatform"
