"""The platform class, which has the defect."""

from hwcheck_sample_minimal.minimal_platform import MinimalPlatform

__all__ = ["DevicePlatform", "OtherPlatform"]


class DevicePlatform(MinimalPlatform):
    """The minimal platform, for who asks first."""


class OtherPlatform(MinimalPlatform):
    """The minimal platform, for who asks again."""
