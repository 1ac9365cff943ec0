"""The defect: the device cannot compute with the only dtype that it supports."""

__all__ = ["register"]


def register() -> str | None:
    """Name the platform class."""
    return "hwcheck_defect_dtype_not_on_device.device_platform.DevicePlatform"
