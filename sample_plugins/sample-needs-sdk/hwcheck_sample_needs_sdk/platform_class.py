"""The platform: vLLM's own CPU platform, with answers that come from the vendor's libraries."""

import torch
import torch_acme  # adds torch.acme
from acme_runtime.devices import Properties, traced
from torch.distributed import is_acme_available  # torch_acme puts it there
from vllm.platforms.cpu import CpuPlatform
from vllm.platforms.interface import PlatformEnum

__all__ = ["NeedsSdkPlatform"]

DEVICE = "acme"


class CpuProperties(Properties):
    """Derive from a class of the vendor's."""


class NeedsSdkPlatform(CpuPlatform):
    """Serve on the CPU, which is here; ask the vendor's libraries about a device, which is not."""

    _enum = PlatformEnum.OOT
    device_name: str = "cpu"
    device_type: str = "cpu"

    @classmethod
    def is_cpu(cls) -> bool:
        """Take vLLM's CPU branches."""
        return True

    @classmethod
    @traced
    def get_device_name(cls, device_id: int = 0) -> str:
        """Ask the vendor's part of torch."""
        return torch.acme.get_device_name(device_id)

    @classmethod
    def get_device_total_memory(cls, device_id: int = 0) -> int:
        """Ask for the properties of a device."""
        free, total = torch_acme.memory(device_id)
        return torch.acme.get_device_properties(device_id).total_memory + int(total) - int(free)

    @classmethod
    def is_async_output_supported(cls, enforce_eager: bool | None) -> bool:
        """Say what torch.distributed says since the vendor's library was imported."""
        return bool(is_acme_available())
