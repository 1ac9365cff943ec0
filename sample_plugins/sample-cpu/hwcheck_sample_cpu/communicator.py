"""The communicator between devices: the common one, whose groups run on gloo."""

from vllm.distributed.device_communicators.base_device_communicator import (
    DeviceCommunicatorBase,
)

__all__ = ["SampleCommunicator"]


class SampleCommunicator(DeviceCommunicatorBase):
    """Reduce and gather with torch.distributed, nothing faster."""
