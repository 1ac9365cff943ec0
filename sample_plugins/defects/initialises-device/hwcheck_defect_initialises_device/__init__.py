"""The defect: register() initialises the device to see whether it is there."""

__all__ = ["register"]


def register() -> str | None:
    """Ask the device itself, which every fork of this process then has to do without."""
    import torch

    from hwcheck_defect_initialises_device import runtime

    if not hasattr(torch, "sampleaccelerator"):
        torch.utils.rename_privateuse1_backend("sampleaccelerator")
        torch._register_device_module("sampleaccelerator", runtime)
    runtime.init()
    return "hwcheck_defect_initialises_device.device_platform.DevicePlatform"
