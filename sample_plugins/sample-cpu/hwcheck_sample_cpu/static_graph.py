"""The static graph wrapper of a device that has no graphs: it runs what it wraps."""

from collections.abc import Callable
from typing import Any

from vllm.config import CUDAGraphMode, VllmConfig

__all__ = ["SampleGraphWrapper"]


class SampleGraphWrapper:
    """Run the wrapped function each time, where another device would replay its graph."""

    def __init__(
        self,
        runnable: Callable[..., Any],
        vllm_config: VllmConfig,
        runtime_mode: CUDAGraphMode,
        **kwargs: Any,
    ) -> None:
        self.runnable = runnable
        self.vllm_config = vllm_config
        self.runtime_mode = runtime_mode

    def __getattr__(self, name: str) -> Any:
        """Look up what the wrapper lacks on what it wraps, as vLLM's own wrapper does."""
        if name == "runnable":  # not yet set, while being copied
            raise AttributeError(name)
        return getattr(self.runnable, name)

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        """Run the wrapped function."""
        return self.runnable(*args, **kwargs)
