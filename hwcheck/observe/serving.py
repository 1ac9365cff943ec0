"""The environment of the children that hold an engine."""

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

from hwcheck.contain.exchange import Limits
from hwcheck.exercise.children import SERVING
from hwcheck.exercise.serving.server.free_port import free_port
from hwcheck.exercise.serving.server.serve_command import HOST

__all__ = ["SERVING", "serving_environment", "serving_limits"]

#: What brings the start of an engine from most of a minute down to seconds: one process, one
#: thread, and nothing compiled.
_QUICK = {
    "VLLM_ENABLE_V1_MULTIPROCESSING": "0",
    "OMP_NUM_THREADS": "1",
    "TORCH_COMPILE_DISABLE": "1",
}
#: What the children with engines of several processes need besides.
_OF_CHILD = {
    "parallel": {
        # vLLM's own platform wants a NUMA node for each worker, to bind its threads to.
        "VLLM_CPU_OMP_THREADS_BIND": "nobind",
        # A step of a tiny model that takes longer hangs; vLLM waits five minutes otherwise.
        "VLLM_EXECUTE_MODEL_TIMEOUT_SECONDS": "60",
        # So that questions reach workers which are not this process's own.
        "VLLM_ALLOW_INSECURE_SERIALIZATION": "1",
    },
}
_LONGER = 4
#: Where processes meet; plugins with a worker of their own want it set.
_PORT = "MASTER_PORT"


def serving_environment(
    environment: Mapping[str, str], cache: Path | None, host_version: str, child: str = ""
) -> dict[str, str]:
    """Add to a child's environment what an engine is started with; what is set already stays.

    With a `cache`, the tiny models are kept there, and what vLLM finds out about their classes,
    which differs by its version.
    """
    made = {**_QUICK, **_OF_CHILD.get(child, {}), **environment}
    if _PORT in made:
        # The children run side by side, and each of them forms a group of its own.
        made[_PORT] = str(free_port(HOST))
    if cache is not None:
        made["HWCHECK_MODELS"] = str(cache / "models")
        made.setdefault("VLLM_CACHE_ROOT", str(cache / "vllm" / (host_version or "unknown")))
    return made


def serving_limits(limits: Limits) -> Limits:
    """Give more time in all: some dozen engines are started, which takes long on some devices."""
    return replace(limits, total=_LONGER * limits.total)
