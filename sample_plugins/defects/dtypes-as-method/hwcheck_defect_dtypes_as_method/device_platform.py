"""The platform class, which has the defect."""

import torch
from hwcheck_sample_minimal.minimal_platform import MinimalPlatform

__all__ = ["DevicePlatform"]


class DevicePlatform(MinimalPlatform):
    """Answer with a bound method when vLLM looks for a list."""

    def supported_dtypes(self) -> list[torch.dtype]:
        """Return the dtypes, to whoever calls."""
        return [torch.float32]
