"""The defect: the platform module takes a name from vllm.config while that is being imported."""

__all__ = ["register"]


def register() -> str | None:
    """Name the platform class."""
    return "hwcheck_defect_config_when_half_imported.device_platform.DevicePlatform"
