"""The platform class of the emulated accelerator, which takes nothing from vLLM's CPU platform."""

from types import ModuleType
from typing import TYPE_CHECKING

import torch
from vllm.platforms.interface import Platform, PlatformEnum

from hwcheck_sample_device import device

# Annotations only: vLLM's configuration cannot be imported while a platform is resolved.
if TYPE_CHECKING:
    from vllm.config import VllmConfig
    from vllm.v1.attention.backends.registry import AttentionBackendEnum
    from vllm.v1.attention.selector import AttentionSelectorConfig

__all__ = ["SampleDevicePlatform"]


class SampleDevicePlatform(Platform):
    """Serve on tensors that do not mix with the host's, without vLLM's compiled operators."""

    _enum = PlatformEnum.OOT
    # vLLM builds torch.device(f"{device_name}:0"), so torch must know the name from here on.
    device_name: str = device.load()
    device_type: str = device_name
    # vLLM registers its own operators in Python for this key.
    dispatch_key: str = "PrivateUse1"
    device_control_env_var: str = "SAMPLE_DEVICE_VISIBLE"
    # What vLLM copies to workers on other machines.
    additional_env_vars: list[str] = [  # noqa: RUF012  # vLLM's annotation
        "SAMPLE_DEVICE_NAME",
        "SAMPLE_DEVICE_COUNT",
        "SAMPLE_DEVICE_MEMORY",
    ]
    # The groups are the host's; the communicator takes tensors there and back.
    dist_backend: str = "gloo"
    # Inductor generates no code for this device.
    simple_compile_backend: str = "eager"

    @classmethod
    def import_kernels(cls) -> None:
        """Load none of vLLM's compiled operators: they know other devices only."""

    @classmethod
    def register_triton_kernel_overrides(cls) -> None:
        """Replace the one Triton kernel that every step needs."""
        from hwcheck_sample_device.kernels import replace_kernels

        replace_kernels()

    @classmethod
    def get_device_name(cls, device_id: int = 0) -> str:
        """Name the device in reports and in file names of tuned kernels."""
        name: str = cls._torch().get_device_name(device_id)
        return name

    @classmethod
    def get_device_total_memory(cls, device_id: int = 0) -> int:
        """Return the bytes of a device, without initialising it."""
        total: int = cls._torch().mem_get_info(device_id)[1]
        return total

    @classmethod
    def get_current_memory_usage(cls, device: torch.types.Device | None = None) -> float:
        """Return the bytes in use, which are exact."""
        return float(cls._torch().memory_allocated(device))

    @classmethod
    def num_compute_units(cls, device_id: int = 0) -> int:
        """Return one: everything runs one after another."""
        return 1

    @classmethod
    def set_device(cls, device: torch.device) -> None:
        """Make a device the current one."""
        cls._torch().set_device(device)

    @classmethod
    def manual_seed_all(cls, seed: int) -> None:
        """Seed the random numbers of every device."""
        cls._torch().manual_seed_all(seed)

    @classmethod
    def is_pin_memory_available(cls) -> bool:
        """Say no: the device's memory is the host's, so nothing is gained by pinning."""
        return False

    @classmethod
    def check_if_supports_dtype(cls, dtype: torch.dtype) -> None:
        """Refuse what no kernel of the plugin computes."""
        if dtype not in (torch.bfloat16, torch.float16, torch.float32):
            raise ValueError(f"sample_device does not compute in {dtype}")

    @classmethod
    def check_and_update_config(cls, vllm_config: "VllmConfig") -> None:
        """Name the worker, unless the user named one, and refuse what it cannot do."""
        from vllm.config import CompilationMode

        if vllm_config.speculative_config is not None:
            raise ValueError("sample_device has no kernels for speculative decoding")
        if vllm_config.lora_config is not None:
            raise ValueError("sample_device has no kernels for LoRA adapters")
        parallel_config = vllm_config.parallel_config
        if parallel_config.worker_cls == "auto":
            parallel_config.worker_cls = "hwcheck_sample_device.worker.SampleDeviceWorker"
        # Inductor, which vLLM compiles with, generates no code for this device.
        vllm_config.compilation_config.mode = CompilationMode.NONE
        # vLLM's runner orders the copies of asynchronous scheduling by CUDA's own streams. It is
        # on by default, so one cannot tell here whether the user asked for it.
        vllm_config.scheduler_config.async_scheduling = False

    @classmethod
    def get_attn_backend_cls(
        cls,
        selected_backend: "AttentionBackendEnum | None",
        attn_selector_config: "AttentionSelectorConfig",
        num_heads: int | None = None,
    ) -> str:
        """Name the only attention backend; refuse what it cannot compute."""
        wanted = attn_selector_config
        if wanted.use_mla or wanted.use_sparse or wanted.has_sink:
            raise NotImplementedError("sample_device computes dense attention without sinks only")
        return "hwcheck_sample_device.attention.SampleDeviceAttentionBackend"

    @classmethod
    def get_device_communicator_cls(cls) -> str:
        """Name the communicator between devices."""
        return "hwcheck_sample_device.communicator.SampleDeviceCommunicator"

    @classmethod
    def _torch(cls) -> ModuleType:
        module: ModuleType = getattr(torch, cls.device_type)
        return module
