"""The worker: vLLM's CPU worker without the branches that only its own platform may take."""

from contextlib import AbstractContextManager, nullcontext

from vllm.v1.worker.cpu_worker import CPUWorker

from hwcheck_sample_cpu.calls import CALLS

__all__ = ["SampleCpuWorker"]


class SampleCpuWorker(CPUWorker):
    """Run vLLM's CPU model runner for a platform whose `is_cpu()` is False."""

    def init_device(self) -> None:
        """Take the CPU as the device."""
        CALLS["init_device"] += 1
        super().init_device()

    def determine_available_memory(self) -> int:
        """Tell the bytes for the KV cache; run a stage of a pipeline once before."""
        if self.parallel_config.pipeline_parallel_size > 1:
            # The tensors that a later stage receives into are made there, and vLLM's CPU worker
            # leaves it out where the size of the cache is given and nothing is compiled.
            self.model_runner.profile_run()
        return super().determine_available_memory()

    def _maybe_get_memory_pool_context(self, tag: str) -> AbstractContextManager[None]:
        # vLLM looks for a sleep-mode allocator on every platform that is not its own CPU.
        return nullcontext()
