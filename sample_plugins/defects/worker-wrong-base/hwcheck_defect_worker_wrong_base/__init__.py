"""The defect: the worker is not derived from vLLM's WorkerBase."""

__all__ = ["register"]


def register() -> str | None:
    """Name the platform class."""
    return "hwcheck_defect_worker_wrong_base.device_platform.DevicePlatform"
