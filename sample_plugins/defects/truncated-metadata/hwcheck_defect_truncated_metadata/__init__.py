"""The defect: the installed metadata ends before the version."""

__all__ = ["register"]


def register() -> str | None:
    """Name the platform class."""
    return "hwcheck_defect_truncated_metadata.device_platform.DevicePlatform"
