"""The defect: register() reads from address zero."""

import ctypes

__all__ = ["register"]


def register() -> str | None:
    """Crash the interpreter, as a broken driver would."""
    ctypes.string_at(0)
    return "hwcheck_defect_segfault.device_platform.DevicePlatform"
