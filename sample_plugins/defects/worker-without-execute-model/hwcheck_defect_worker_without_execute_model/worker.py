"""A worker that forwards to the minimal one, all calls but the one that runs a step."""

from typing import Any

from hwcheck_sample_minimal.worker import MinimalWorker
from vllm.v1.worker.worker_base import WorkerBase

__all__ = ["Worker"]


class Worker(WorkerBase):
    """Have eight of the nine methods that vLLM calls by name."""

    def __init__(self, **keywords: Any) -> None:
        super().__init__(**keywords)
        self._worker = MinimalWorker(**keywords)

    def init_device(self) -> Any:
        """Take the device."""
        return self._worker.init_device()

    def load_model(self, *, load_dummy_weights: bool = False) -> Any:
        """Load the weights."""
        return self._worker.load_model(load_dummy_weights=load_dummy_weights)

    def get_kv_cache_spec(self) -> Any:
        """Say what the layers cache."""
        return self._worker.get_kv_cache_spec()

    def determine_available_memory(self) -> Any:
        """Say how many bytes the cache may have."""
        return self._worker.determine_available_memory()

    def initialize_from_config(self, kv_cache_config: Any) -> Any:
        """Allocate the cache."""
        return self._worker.initialize_from_config(kv_cache_config)

    def compile_or_warm_up_model(self) -> Any:
        """Run once before the first request."""
        return self._worker.compile_or_warm_up_model()

    def get_supported_tasks(self) -> Any:
        """Say what the model can do."""
        return self._worker.get_supported_tasks()

    def sample_tokens(self, grammar_output: Any) -> Any:
        """Choose the next tokens."""
        return self._worker.sample_tokens(grammar_output)
