"""The platform class, which has the defect."""

import hwcheck_defect_absent_runtime_in_module_runtime
from hwcheck_sample_minimal.minimal_platform import MinimalPlatform

__all__ = ["DevicePlatform"]


class DevicePlatform(MinimalPlatform):
    """Need the device's runtime as soon as the module is imported."""

    @classmethod
    def set_device(cls, device: object) -> None:
        """Select a device through the runtime."""
        hwcheck_defect_absent_runtime_in_module_runtime.set_device(device)
