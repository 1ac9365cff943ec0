"""The defect: the entry point names a function that its module does not have."""

__all__ = ["register"]


def register() -> str | None:
    """Name the platform class."""
    return "hwcheck_defect_missing_attribute.device_platform.DevicePlatform"
