"""The defect: the entry point names a string, not a function."""

__all__ = ["PLATFORM"]

PLATFORM = "hwcheck_defect_not_callable.device_platform.DevicePlatform"
