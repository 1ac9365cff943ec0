"""The defect: register() returns the class instead of its path."""

__all__ = ["register"]


def register() -> type:
    """Return the class itself, which vLLM cannot split at the last dot."""
    from hwcheck_defect_returns_class.device_platform import DevicePlatform

    return DevicePlatform
