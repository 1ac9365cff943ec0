"""The platform class, which has the defect."""

from hwcheck_sample_minimal.minimal_platform import MinimalPlatform

__all__ = ["DevicePlatform"]


class DevicePlatform(MinimalPlatform):
    """Use the marketing name where torch needs a device type."""

    device_name = "sample accelerator"
