"""The worker: vLLM's CPU worker without the branches that only its own platform may take."""

from contextlib import AbstractContextManager, nullcontext

import torch
from vllm.v1.worker.cpu_worker import CPUWorker

from hwcheck_sample_cpu.calls import CALLS

__all__ = ["SampleCpuWorker"]


class SampleCpuWorker(CPUWorker):
    """Run vLLM's CPU model runner for a platform whose `is_cpu()` is False."""

    def init_device(self) -> None:
        """Take the CPU as the device."""
        self._given_back: list[tuple[torch.UntypedStorage, int]] = []
        CALLS["init_device"] += 1
        super().init_device()

    def determine_available_memory(self) -> int:
        """Tell the bytes for the KV cache; run a stage of a pipeline once before."""
        if self.parallel_config.pipeline_parallel_size > 1:
            # The tensors that a later stage receives into are made there, and vLLM's CPU worker
            # leaves it out where the size of the cache is given and nothing is compiled.
            self.model_runner.profile_run()
        return super().determine_available_memory()

    def sleep(self, level: int = 1) -> None:
        """Give the memory of the cache back; the weights are in the host's memory anyway."""
        for cache in self.model_runner.kv_caches:
            storage = cache.untyped_storage()
            # Layers can share one, which is empty then.
            if storage.nbytes():
                self._given_back.append((storage, storage.nbytes()))
                storage.resize_(0)

    def wake_up(self, tags: list[str] | None = None) -> None:
        """Give the cache new memory."""
        if tags is not None and "kv_cache" not in tags:
            return
        for storage, size in self._given_back:
            storage.resize_(size)
            storage.fill_(0)
        self._given_back.clear()

    def _maybe_get_memory_pool_context(self, tag: str) -> AbstractContextManager[None]:
        # vLLM looks for a sleep-mode allocator on every platform that is not its own CPU.
        return nullcontext()
