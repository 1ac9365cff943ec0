"""A worker that forwards to the minimal one, without being a worker itself."""

from typing import Any

from hwcheck_sample_minimal.worker import MinimalWorker

__all__ = ["Worker"]


class Worker:
    """Have the nine methods that vLLM calls by name, and no base."""

    def __init__(self, **keywords: Any) -> None:
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

    def execute_model(self, scheduler_output: Any) -> Any:
        """Run one step."""
        return self._worker.execute_model(scheduler_output)
