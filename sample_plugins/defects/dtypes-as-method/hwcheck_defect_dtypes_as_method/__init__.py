"""The defect: supported_dtypes is a method where vLLM reads a property."""

__all__ = ["register"]


def register() -> str | None:
    """Name the platform class."""
    return "hwcheck_defect_dtypes_as_method.device_platform.DevicePlatform"
