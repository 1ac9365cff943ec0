"""The defect: the attention backend leaves an abstract member unfilled."""

__all__ = ["register"]


def register() -> str | None:
    """Name the platform class."""
    return "hwcheck_defect_abstract_attention.device_platform.DevicePlatform"
