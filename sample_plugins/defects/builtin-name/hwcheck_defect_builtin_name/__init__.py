"""The defect: the entry point has the name of a platform that vLLM brings itself."""

__all__ = ["register"]


def register() -> str | None:
    """Name the platform class."""
    return "hwcheck_defect_builtin_name.device_platform.DevicePlatform"
