"""The defect: device_type is missing."""

__all__ = ["register"]


def register() -> str | None:
    """Name the platform class."""
    return "hwcheck_defect_no_device_type.device_platform.DevicePlatform"
