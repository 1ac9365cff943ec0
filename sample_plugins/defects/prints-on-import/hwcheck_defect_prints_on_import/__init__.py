"""The defect: importing the package prints a banner on standard output."""

__all__ = ["register"]

print("sample accelerator, version 1")


def register() -> str | None:
    """Name the platform class."""
    return "hwcheck_defect_prints_on_import.device_platform.DevicePlatform"
