"""The defect: the entry point has the name that another distribution uses."""

__all__ = ["register"]


def register() -> str | None:
    """Name the platform class."""
    return "hwcheck_defect_duplicate_name.device_platform.DevicePlatform"
