"""The defect: get_punica_wrapper names a module that vLLM has moved."""

__all__ = ["register"]


def register() -> str | None:
    """Name the platform class."""
    return "hwcheck_defect_punica_path_missing.device_platform.DevicePlatform"
