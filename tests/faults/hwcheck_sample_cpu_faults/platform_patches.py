"""Ways to change the sample's platform."""

from collections.abc import Callable
from typing import Any

__all__ = ["own", "put"]


def put(name: str, function: Callable[..., Any]) -> None:
    """Make a function a class method of the sample's platform."""
    from hwcheck_sample_cpu.sample_platform import SampleCpuPlatform

    setattr(SampleCpuPlatform, name, classmethod(function))


def own(name: str) -> Any:
    """The function behind a class method, before it is replaced."""
    from hwcheck_sample_cpu.sample_platform import SampleCpuPlatform

    return getattr(SampleCpuPlatform, name).__func__
