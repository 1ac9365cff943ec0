"""The platform class, which has the defect."""

from typing import TYPE_CHECKING

from hwcheck_sample_minimal.minimal_platform import MinimalPlatform

if TYPE_CHECKING:
    from vllm.config import VllmConfig

__all__ = ["DevicePlatform"]


class DevicePlatform(MinimalPlatform):
    """Bring a worker that cannot run a step."""

    @classmethod
    def check_and_update_config(cls, vllm_config: "VllmConfig") -> None:
        """Name the worker, unless the user named one."""
        if vllm_config.parallel_config.worker_cls == "auto":
            vllm_config.parallel_config.worker_cls = (
                "hwcheck_defect_worker_without_execute_model.worker.Worker"
            )
