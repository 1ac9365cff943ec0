"""The platform class, which has the defect."""

import torch
from hwcheck_sample_minimal.minimal_platform import MinimalPlatform

__all__ = ["DevicePlatform"]


class DevicePlatform(MinimalPlatform):
    """Name a device that torch knows, and whose tensors hold no data."""

    device_type = "meta"

    @property
    def supported_dtypes(self) -> list[torch.dtype]:
        """Return the only dtype."""
        return [torch.float32]
