"""The defect: manual_seed_all is not overridden, and its base raises."""

__all__ = ["register"]


def register() -> str | None:
    """Name the platform class."""
    return "hwcheck_defect_no_manual_seed.device_platform.DevicePlatform"
