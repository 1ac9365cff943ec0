"""The model runner: vLLM's V1 runner, with plain torch where it would launch Triton."""

import torch
from vllm.v1.worker.gpu_model_runner import GPUModelRunner

__all__ = ["SampleDeviceModelRunner"]


class SampleDeviceModelRunner(GPUModelRunner):
    """Prepare batches, run the model and sample, all on one emulated device."""

    def _init_kv_zero_meta(self) -> None:
        """Prepare nothing: vLLM's preparation is the addresses that a Triton kernel clears."""

    def _zero_block_ids(self, block_ids: list[int]) -> None:
        """Clear blocks of the cache before they are used again."""
        caches = [cache for cache in self.kv_caches if isinstance(cache, torch.Tensor)]
        for cache in caches:
            # The backend takes blocks of any size, so vLLM's blocks are the cache's own.
            cache[block_ids] = 0
