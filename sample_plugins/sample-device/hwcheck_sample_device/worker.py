"""The worker: vLLM's for GPUs, whose start knows CUDA devices only."""

import gc
from contextlib import AbstractContextManager, nullcontext

import torch
from vllm.platforms import current_platform
from vllm.utils.mem_utils import MemorySnapshot
from vllm.utils.torch_utils import set_random_seed
from vllm.v1.worker.gpu_worker import Worker, init_worker_distributed_environment
from vllm.v1.worker.utils import request_memory
from vllm.v1.worker.worker_base import CompilationTimes

from hwcheck_sample_device.model_runner import SampleDeviceModelRunner

__all__ = ["SampleDeviceWorker"]


class SampleDeviceWorker(Worker):
    """Run vLLM's V1 model runner on one emulated device."""

    def init_device(self) -> None:
        """Take the device of this rank, and join the other ranks."""
        index = current_platform.logical_device_id_to_visible_device_id(self.local_rank)
        self.device = torch.device(f"{current_platform.device_type}:{index}")
        current_platform.set_device(self.device)
        current_platform.check_if_supports_dtype(self.model_config.dtype)
        init_worker_distributed_environment(
            self.vllm_config,
            self.rank,
            self.distributed_init_method,
            self.local_rank,
            current_platform.dist_backend,
        )
        set_random_seed(self.model_config.seed)
        # What an engine before this one left would be counted as used by others.
        gc.collect()
        self.init_snapshot = MemorySnapshot(device=self.device)
        self.requested_memory = request_memory(self.init_snapshot, self.cache_config)
        self._init_workspace_and_model_runner()

    def compile_or_warm_up_model(self) -> CompilationTimes:
        """Do neither: nothing is compiled, and vLLM's warm-up is for the kernels of GPUs."""
        # The profiling run has drawn random numbers.
        set_random_seed(self.model_config.seed, self.parallel_config.data_parallel_index)
        return CompilationTimes(language_model=0.0, encoder=0.0)

    def _make_model_runner(self) -> SampleDeviceModelRunner:
        return SampleDeviceModelRunner(self.vllm_config, self.device)

    def _maybe_get_memory_pool_context(self, tag: str) -> AbstractContextManager[None]:
        # vLLM looks for a sleep-mode allocator on every platform that is not its own.
        return nullcontext()
