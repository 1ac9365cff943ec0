"""The defect: the platform module imports a runtime that is not installed."""

__all__ = ["register"]


def register() -> str | None:
    """Name the platform class."""
    return "hwcheck_defect_absent_runtime_in_module.device_platform.DevicePlatform"
