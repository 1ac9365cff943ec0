"""The worker: vLLM's CPU worker without the branch that only its own platform may take."""

from contextlib import AbstractContextManager, nullcontext

from vllm.v1.worker.cpu_worker import CPUWorker

__all__ = ["MinimalWorker"]


class MinimalWorker(CPUWorker):
    """Run vLLM's CPU model runner for a platform whose `is_cpu()` is False."""

    def _maybe_get_memory_pool_context(self, tag: str) -> AbstractContextManager[None]:
        # vLLM looks for a sleep-mode allocator on every platform that is not its own CPU.
        return nullcontext()
