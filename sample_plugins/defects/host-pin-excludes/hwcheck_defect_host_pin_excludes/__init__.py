"""The defect: the requirement on vLLM excludes the host."""

__all__ = ["register"]


def register() -> str | None:
    """Name the platform class."""
    return "hwcheck_defect_host_pin_excludes.device_platform.DevicePlatform"
