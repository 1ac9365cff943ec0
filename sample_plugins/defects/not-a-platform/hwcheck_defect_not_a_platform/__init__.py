"""The defect: the class is not derived from vLLM's Platform."""

__all__ = ["register"]


def register() -> str | None:
    """Name the platform class."""
    return "hwcheck_defect_not_a_platform.device_platform.DevicePlatform"
