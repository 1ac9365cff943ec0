"""The static graph wrapper: what a part of a model does is recorded once, then replayed."""

from collections.abc import Callable
from typing import Any

from torch.fx.experimental.proxy_tensor import make_fx
from vllm.compilation.counter import compilation_counter
from vllm.config import CUDAGraphMode, VllmConfig
from vllm.forward_context import (
    BatchDescriptor,
    get_forward_context,
    is_forward_context_available,
)

__all__ = ["SampleGraphWrapper"]


class SampleGraphWrapper:
    """Replay the operators of the wrapped function, where the step is to run with graphs."""

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
        self.graphs: dict[BatchDescriptor | None, Callable[..., Any]] = {}

    def __getattr__(self, name: str) -> Any:
        """Look up what the wrapper lacks on what it wraps, as vLLM's own wrapper does."""
        if name == "runnable":  # not yet set, while being copied
            raise AttributeError(name)
        return getattr(self.runnable, name)

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        """Run the wrapped function, or replay what it did with a batch of this size."""
        if kwargs or not is_forward_context_available():
            return self.runnable(*args, **kwargs)
        context = get_forward_context()
        if context.cudagraph_runtime_mode is not self.runtime_mode:
            return self.runnable(*args)
        graph = self.graphs.get(context.batch_descriptor)
        if graph is None:
            graph = self.graphs[context.batch_descriptor] = make_fx(self.runnable)(*args)
            compilation_counter.num_cudagraph_captured += 1
        return graph(*args)
