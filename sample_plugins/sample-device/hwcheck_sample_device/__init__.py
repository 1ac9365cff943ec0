"""Tell vLLM about the emulated accelerator; importing this needs neither vLLM nor torch."""

from importlib.util import find_spec

__all__ = ["register"]


def register() -> str | None:
    """Name the platform class, or answer None where the device's library is not built."""
    # Only looked for: loading it is left to the platform class.
    if find_spec("hwcheck_sample_device._accelerator") is None:
        return None
    return "hwcheck_sample_device.sample_platform.SampleDevicePlatform"
