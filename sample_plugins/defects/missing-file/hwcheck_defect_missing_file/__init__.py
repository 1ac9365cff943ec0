"""The defect: a file of the installation has gone."""

__all__ = ["register"]


def register() -> str | None:
    """Name the platform class."""
    return "hwcheck_defect_missing_file.device_platform.DevicePlatform"
