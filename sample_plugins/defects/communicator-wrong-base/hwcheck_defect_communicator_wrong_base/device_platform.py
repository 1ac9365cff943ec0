"""The platform class, which has the defect."""

from hwcheck_sample_minimal.minimal_platform import MinimalPlatform

__all__ = ["DevicePlatform"]


class DevicePlatform(MinimalPlatform):
    """Hand out a communicator of its own making."""

    @classmethod
    def get_device_communicator_cls(cls) -> str:
        """Name a class that shares nothing with vLLM's."""
        return "hwcheck_defect_communicator_wrong_base.communicator.Communicator"
