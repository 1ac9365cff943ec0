"""The defect: the wheel is made for another interpreter and system."""

__all__ = ["register"]


def register() -> str | None:
    """Name the platform class."""
    return "hwcheck_defect_foreign_wheel.device_platform.DevicePlatform"
