"""Give torch the emulated accelerator: its library, its name, and its module `torch.<name>`."""

import os
from functools import cache

import torch

__all__ = ["device_type", "load"]


def device_type() -> str:
    """Return the name of the device in torch, which `SAMPLE_DEVICE_NAME` sets."""
    return os.environ.get("SAMPLE_DEVICE_NAME") or "hwcheck_device"


@cache
def load() -> str:
    """Register the accelerator with torch, once a process, and return its name.

    No device is initialised: a process can still fork afterwards.
    """
    name = device_type()
    # Before the library: torch refuses to rename what is in use.
    torch.utils.rename_privateuse1_backend(name)
    # Importing this loads the library, which registers its kernels.
    from hwcheck_sample_device import torch_module

    torch._register_device_module(name, torch_module)
    torch.utils.generate_methods_for_privateuse1_backend(for_storage=True)
    return name
