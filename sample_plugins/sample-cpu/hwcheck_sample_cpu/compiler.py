"""The compiler of graphs and the passes over them, where vLLM compiles in its own way."""

from collections.abc import Callable
from typing import Any

import torch
from vllm.compilation.compiler_interface import CompilerInterface
from vllm.compilation.passes.pass_manager import PostGradPassManager
from vllm.config import VllmConfig

from hwcheck_sample_cpu.calls import CALLS

__all__ = ["SampleCompiler", "SamplePassManager"]


class SampleCompiler(CompilerInterface):
    """Run each graph as it was traced."""

    name = "sample_cpu"

    def compute_hash(self, vllm_config: VllmConfig) -> str:
        """Change this when compiled graphs of older releases are not to be used."""
        return "sample_cpu-1"

    def compile(  # vLLM's signature
        self,
        graph: torch.fx.GraphModule,
        example_inputs: list[Any],
        compiler_config: dict[str, Any],
        compile_range: Any,
        key: str | None = None,
    ) -> tuple[Callable[..., Any] | None, Any | None]:
        """Give the graph itself back, and no handle: there is nothing to keep."""
        CALLS["compile"] += 1
        return graph, None


class SamplePassManager(PostGradPassManager):
    """Apply vLLM's passes and no others."""
