"""Let vLLM compile in this process, and read from vLLM and torch what was compiled."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from importlib import import_module

__all__ = ["Compilations", "compilations", "compiling"]

#: Set for the children with engines, because nothing else that they examine needs a compiler.
_DISABLED = "TORCH_COMPILE_DISABLE"
_UNCACHED = "VLLM_DISABLE_COMPILE_CACHE"


@dataclass(frozen=True, slots=True, kw_only=True)
class Compilations:
    """What has been compiled and captured in this process so far."""

    graphs: int
    """Graphs that torch has traced and handed to a compiler."""
    ahead: int
    """Models that were compiled ahead of time, or loaded so."""
    captured: int
    """Static graphs that were captured."""
    triggers: int
    """How often a model runner began to capture."""

    def since(self, before: "Compilations") -> "Compilations":
        """What has been added."""
        return Compilations(
            graphs=self.graphs - before.graphs,
            ahead=self.ahead - before.ahead,
            captured=self.captured - before.captured,
            triggers=self.triggers - before.triggers,
        )


def compilations() -> Compilations:
    """Read the counters of vLLM and torch."""
    counter = import_module("vllm.compilation.counter").compilation_counter
    torch_counters = import_module("torch._dynamo.utils").counters
    # Each release counts some more.
    told = {name: int(value) for name, value in vars(counter).items()}
    return Compilations(
        graphs=int(torch_counters["stats"]["unique_graphs"]),
        ahead=told.get("num_aot_compiles", 0) + told.get("num_aot_artifacts_loaded", 0),
        captured=told.get("num_cudagraph_captured", 0),
        triggers=told.get("num_gpu_runner_capture_triggers", 0),
    )


@contextmanager
def compiling() -> Iterator[None]:
    """Let models be compiled as they are by default, but not taken from an earlier run."""
    envs = import_module("vllm.envs")
    disabled = os.environ.pop(_DISABLED, None)
    # vLLM keeps the variables of the environment once an engine was started. The variable itself
    # would turn compilation ahead of time off as well, which users have.
    setattr(envs, _UNCACHED, True)
    try:
        with import_module("torch._dynamo.config").patch(disable=False):
            yield
    finally:
        delattr(envs, _UNCACHED)
        if disabled is not None:
            os.environ[_DISABLED] = disabled
