"""The platform class, which has the defect."""

from hwcheck_sample_minimal.minimal_platform import MinimalPlatform

__all__ = ["DevicePlatform"]


class DevicePlatform(MinimalPlatform):
    """Remember where the LoRA operators used to be."""

    @classmethod
    def get_punica_wrapper(cls) -> str:
        """Name a module that is no longer there."""
        return "vllm.lora.punica_cpu.PunicaWrapperCPU"
