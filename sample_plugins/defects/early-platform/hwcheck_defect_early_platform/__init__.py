"""The defect: register() asks for the current platform while it is being chosen."""

__all__ = ["register"]


def register() -> str | None:
    """Look at the platform that does not exist yet."""
    from vllm.platforms import current_platform

    if current_platform is None:
        return None
    return "hwcheck_defect_early_platform.device_platform.DevicePlatform"
