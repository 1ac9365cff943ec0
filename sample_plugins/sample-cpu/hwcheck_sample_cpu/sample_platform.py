"""The platform class: an out-of-tree device that happens to be the CPU."""

import os
from importlib import import_module
from typing import TYPE_CHECKING

import torch
from vllm.platforms.cpu import CpuPlatform
from vllm.platforms.interface import PlatformEnum

# Annotations only: vLLM's configuration cannot be imported while a platform is resolved.
if TYPE_CHECKING:
    from vllm.config import VllmConfig
    from vllm.config.kernel import IrOpPriorityConfig
    from vllm.v1.attention.backends.registry import AttentionBackendEnum
    from vllm.v1.attention.selector import AttentionSelectorConfig

__all__ = ["SampleCpuPlatform"]


class SampleCpuPlatform(CpuPlatform):
    """Serve on the CPU without being vLLM's CPU platform: `is_cpu()` is False."""

    _enum = PlatformEnum.OOT
    # vLLM builds torch.device(f"{device_name}:0"), so both must be known to torch.
    device_name: str = "cpu"
    device_type: str = "cpu"

    @classmethod
    def get_device_name(cls, device_id: int = 0) -> str:
        """Name the device in reports and in file names of tuned kernels."""
        return "cpu"

    @classmethod
    def get_device_total_memory(cls, device_id: int = 0) -> int:
        """Return the bytes of memory of this machine."""
        return os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")

    @classmethod
    def set_device(cls, device: torch.device) -> None:
        """Select the only device that there is."""
        torch.cpu.set_device(device)

    @classmethod
    def manual_seed_all(cls, seed: int) -> None:
        """Do nothing: torch.manual_seed() has seeded the CPU."""

    @classmethod
    def is_pin_memory_available(cls) -> bool:
        """Say no: pinning needs an accelerator's allocator."""
        return False

    def is_sleep_mode_available(self) -> bool:
        """Say yes: the worker gives the memory of the cache back."""
        return True

    @classmethod
    def check_and_update_config(cls, vllm_config: "VllmConfig") -> None:
        """Put the sample's worker and scheduler in place of vLLM's, unless the user named any."""
        parallel_config = vllm_config.parallel_config
        if parallel_config.worker_cls == "auto":
            parallel_config.worker_cls = "hwcheck_sample_cpu.worker.SampleCpuWorker"
        compilation_config = vllm_config.compilation_config
        mode = compilation_config.mode
        graph_mode = compilation_config.cudagraph_mode
        graph_sizes = compilation_config.cudagraph_capture_sizes
        super().check_and_update_config(vllm_config)
        scheduler_config = vllm_config.scheduler_config
        if scheduler_config.scheduler_cls is None:
            kind = (
                "SampleAsyncScheduler" if scheduler_config.async_scheduling else "SampleScheduler"
            )
            scheduler_config.scheduler_cls = f"hwcheck_sample_cpu.scheduler.{kind}"
        if vllm_config.lora_config is None and compilation_config.mode is not mode:
            # vLLM's CPU platform hands a model as a whole to torch's own compiler instead.
            compilation_config.mode = mode
            compilation_config.backend = cls.get_compile_backend()
            # vLLM defines these passes for GPUs only.
            compilation_config.pass_config.fuse_norm_quant = False
            compilation_config.pass_config.fuse_act_quant = False
        elif compilation_config.backend == cls.get_compile_backend():
            # A compiler class is for vLLM's own way of compiling.
            compilation_config.backend = "eager"
        modes = import_module("vllm.config").CUDAGraphMode
        compilation_config.cudagraph_mode = modes.NONE
        is_compiled = compilation_config.backend == cls.get_compile_backend()
        if is_compiled and graph_mode is not None and graph_mode.has_piecewise_cudagraphs():
            # Of a model that is compiled in pieces, which lie between the attention layers.
            compilation_config.cudagraph_mode = modes.PIECEWISE
            compilation_config.cudagraph_capture_sizes = graph_sizes

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
            raise NotImplementedError("sample_cpu computes dense attention without sinks only")
        if str(wanted.kv_cache_dtype).startswith("fp8"):
            raise NotImplementedError("sample_cpu scales no keys and values, which fp8 needs")
        return "hwcheck_sample_cpu.attention.SampleAttentionBackend"

    @classmethod
    def support_static_graph_mode(cls) -> bool:
        """Say yes: there is a wrapper for static graphs."""
        return True

    @classmethod
    def get_static_graph_wrapper_cls(cls) -> str:
        """Name the wrapper for static graphs."""
        return "hwcheck_sample_cpu.static_graph.SampleGraphWrapper"

    @classmethod
    def get_compile_backend(cls) -> str:
        """Name the compiler of graphs."""
        return "hwcheck_sample_cpu.compiler.SampleCompiler"

    @classmethod
    def get_pass_manager_cls(cls) -> str:
        """Name the manager of the passes over graphs."""
        return "hwcheck_sample_cpu.compiler.SamplePassManager"

    @classmethod
    def register_custom_kv_cache_specs(cls, vllm_config: "VllmConfig") -> None:
        """Register the sample's kind of KV cache."""
        import_module("hwcheck_sample_cpu.cache_specs").register_specs()

    @classmethod
    def get_punica_wrapper(cls) -> str:
        """Name the class that computes LoRA adapters."""
        return "hwcheck_sample_cpu.lora.SamplePunicaWrapper"

    @classmethod
    def get_device_communicator_cls(cls) -> str:
        """Name the communicator between devices."""
        return "hwcheck_sample_cpu.communicator.SampleCommunicator"

    @classmethod
    def import_ir_kernels(cls) -> None:
        """Register the sample's implementations of vLLM's IR operators beside vLLM's own."""
        super().import_ir_kernels()
        import_module("hwcheck_sample_cpu.ir_kernels")

    @classmethod
    def register_triton_kernel_overrides(cls) -> None:
        """Put the sample's kernels in the place of some of vLLM's for the CPU."""
        super().register_triton_kernel_overrides()
        kernels = import_module("hwcheck_sample_cpu.triton_kernels").KERNELS
        import_module("vllm.triton_utils.dispatcher").register_kernels(kernels)

    @classmethod
    def get_default_ir_op_priority(cls, vllm_config: "VllmConfig") -> "IrOpPriorityConfig":
        """Prefer the sample's implementation where there is one."""
        make = import_module("vllm.config.kernel").IrOpPriorityConfig.with_default
        return make(["native"], rms_norm=["sample_cpu", "native"])
