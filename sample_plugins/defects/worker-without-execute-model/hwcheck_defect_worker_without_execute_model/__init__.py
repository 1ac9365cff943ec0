"""The defect: the worker has no execute_model() of its own."""

__all__ = ["register"]


def register() -> str | None:
    """Name the platform class."""
    return "hwcheck_defect_worker_without_execute_model.device_platform.DevicePlatform"
