"""The defect: the compiled extension cannot be loaded."""

__all__ = ["register"]


def register() -> str | None:
    """Name the platform class."""
    return "hwcheck_defect_broken_extension.device_platform.DevicePlatform"
