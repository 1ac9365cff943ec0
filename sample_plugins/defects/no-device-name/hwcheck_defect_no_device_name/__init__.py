"""The defect: device_name is missing."""

__all__ = ["register"]


def register() -> str | None:
    """Name the platform class."""
    return "hwcheck_defect_no_device_name.device_platform.DevicePlatform"
