"""The platform class, which has the defect."""

from hwcheck_sample_minimal.minimal_platform import MinimalPlatform
from vllm.config import VllmConfig

__all__ = ["DevicePlatform"]


class DevicePlatform(MinimalPlatform):
    """Import for an annotation what cannot be imported yet."""

    @classmethod
    def check_and_update_config(cls, vllm_config: VllmConfig) -> None:
        """Name the worker."""
        super().check_and_update_config(vllm_config)
