"""The defect: a requirement is pinned to a version that is not installed."""

__all__ = ["register"]


def register() -> str | None:
    """Name the platform class."""
    return "hwcheck_defect_requirement_not_met.device_platform.DevicePlatform"
