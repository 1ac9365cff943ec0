"""The defect: the class cannot be instantiated without arguments."""

__all__ = ["register"]


def register() -> str | None:
    """Name the platform class."""
    return "hwcheck_defect_init_raises.device_platform.DevicePlatform"
