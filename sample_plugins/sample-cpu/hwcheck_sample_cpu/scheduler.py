"""The schedulers: vLLM's own, which count their steps."""

from typing import Any

from vllm.v1.core.sched.async_scheduler import AsyncScheduler
from vllm.v1.core.sched.scheduler import Scheduler

from hwcheck_sample_cpu.calls import CALLS

__all__ = ["SampleAsyncScheduler", "SampleScheduler"]


class SampleScheduler(Scheduler):
    """Plan a step after the one before it has ended."""

    def schedule(self, *args: Any, **kwargs: Any) -> Any:
        """Plan a step."""
        CALLS["schedule"] += 1
        return super().schedule(*args, **kwargs)


class SampleAsyncScheduler(AsyncScheduler):
    """Plan a step while the one before it runs."""

    def schedule(self, *args: Any, **kwargs: Any) -> Any:
        """Plan a step."""
        CALLS["schedule"] += 1
        return super().schedule(*args, **kwargs)
