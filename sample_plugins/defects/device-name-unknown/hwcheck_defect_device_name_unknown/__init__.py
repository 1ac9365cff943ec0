"""The defect: device_name is a name that torch does not know."""

__all__ = ["register"]


def register() -> str | None:
    """Name the platform class."""
    return "hwcheck_defect_device_name_unknown.device_platform.DevicePlatform"
