"""The defect: a .pth file imports the plugin into every interpreter."""

__all__ = ["register"]


def register() -> str | None:
    """Name the platform class."""
    return "hwcheck_defect_imported_at_start.device_platform.DevicePlatform"
