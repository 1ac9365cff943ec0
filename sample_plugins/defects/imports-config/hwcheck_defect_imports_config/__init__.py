"""The defect: the platform module imports vllm.config, which needs the platform."""

__all__ = ["register"]


def register() -> str | None:
    """Name the platform class."""
    return "hwcheck_defect_imports_config.device_platform.DevicePlatform"
