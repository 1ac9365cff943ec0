"""The platform class, which has the defect."""

from hwcheck_sample_minimal.minimal_platform import MinimalPlatform

__all__ = ["DevicePlatform"]


class DevicePlatform(MinimalPlatform):
    """Demand an argument, where vLLM gives none."""

    def __init__(self, device_count: int) -> None:
        self.device_count = device_count
