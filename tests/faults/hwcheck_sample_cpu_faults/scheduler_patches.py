"""Ways to change the sample's schedulers."""

from typing import Any

__all__ = ["schedulers"]


def schedulers() -> tuple[Any, ...]:
    """The classes that plan, of which an engine takes one."""
    from hwcheck_sample_cpu.scheduler import SampleAsyncScheduler, SampleScheduler

    return SampleAsyncScheduler, SampleScheduler
