"""The platform class, which has the defect."""

import sys

from hwcheck_sample_minimal.minimal_platform import MinimalPlatform

# Where the platform comes first, vllm.config cannot be imported; where it is there, it can be used,
# but not while it is the one that asks for the platform.
if "vllm.config" in sys.modules:
    from vllm.config import VllmConfig
else:
    VllmConfig = object

__all__ = ["DevicePlatform"]


class DevicePlatform(MinimalPlatform):
    """Import for an annotation what is not there yet."""

    @classmethod
    def check_and_update_config(cls, vllm_config: VllmConfig) -> None:
        """Name the worker."""
        super().check_and_update_config(vllm_config)
