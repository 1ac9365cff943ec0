"""The least that a platform class needs to generate text on the kernels of vLLM's CPU build."""

from typing import TYPE_CHECKING

import torch
from vllm.platforms.cpu import CpuPlatform
from vllm.platforms.interface import Platform, PlatformEnum

# Annotations only: vLLM's configuration cannot be imported while a platform is resolved.
if TYPE_CHECKING:
    from vllm.config import VllmConfig
    from vllm.v1.attention.backends.registry import AttentionBackendEnum
    from vllm.v1.attention.selector import AttentionSelectorConfig

__all__ = ["MinimalPlatform"]


class MinimalPlatform(Platform):
    """Override the members whose base is unusable, and no others."""

    _enum = PlatformEnum.OOT
    # vLLM builds torch.device(f"{device_name}:0"), so both must be known to torch.
    device_name: str = "cpu"
    device_type: str = "cpu"
    dist_backend: str = "gloo"

    @classmethod
    def set_device(cls, device: torch.device) -> None:
        """Do nothing: there is one device."""

    @classmethod
    def manual_seed_all(cls, seed: int) -> None:
        """Do nothing: torch.manual_seed() has seeded the CPU."""

    @classmethod
    def is_pin_memory_available(cls) -> bool:
        """Say no: pinning needs an accelerator's allocator."""
        return False

    @classmethod
    def check_and_update_config(cls, vllm_config: "VllmConfig") -> None:
        """Name the worker, unless the user named one."""
        parallel_config = vllm_config.parallel_config
        if parallel_config.worker_cls == "auto":
            parallel_config.worker_cls = "hwcheck_sample_minimal.worker.MinimalWorker"

    @classmethod
    def get_attn_backend_cls(
        cls,
        selected_backend: "AttentionBackendEnum | None",
        attn_selector_config: "AttentionSelectorConfig",
        num_heads: int | None = None,
    ) -> str:
        """Name the attention of vLLM's CPU build."""
        return "vllm.v1.attention.backends.cpu_attn.CPUAttentionBackend"

    @classmethod
    def import_kernels(cls) -> None:
        """Load vLLM's CPU extension, whose file name depends on the processor."""
        CpuPlatform.import_kernels()

    @classmethod
    def register_triton_kernel_overrides(cls) -> None:
        """Use vLLM's own stand-ins where Triton has no driver."""
        CpuPlatform.register_triton_kernel_overrides()
