import subprocess

import pytest

from hwcheck.exercise.failures import may_lack_device, refuses


@pytest.mark.parametrize(
    "error",
    [
        ImportError("libdevice.so"),
        RuntimeError("no device found"),
        OSError("driver"),
        subprocess.CalledProcessError(1, "smi"),
        AttributeError("module 'torch' has no attribute 'npu'"),
    ],
)
def test_vendor_errors_may_mean_that_the_device_is_absent(error: Exception):
    """
    What drivers and their libraries raise is not charged to a plugin without its device.
    """
    assert may_lack_device(error)


@pytest.mark.parametrize(
    "error",
    [
        NotImplementedError(),
        RecursionError(),
        KeyError("fp8"),
        TypeError("takes 1 argument"),
        AttributeError("'NoneType' object has no attribute 'hf_config'"),
        AssertionError("wrong"),
    ],
)
def test_errors_of_the_plugins_own_do_not(error: Exception):
    """
    A missing key or attribute is a fault wherever the plugin runs.
    """
    assert not may_lack_device(error)


def test_call_that_asks_the_device_may_trip_over_its_module():
    """
    Where a call needs the device, a missing attribute and an assertion can come from its absence.
    """
    missing = AttributeError("'NoneType' object has no attribute 'device_count'")

    assert may_lack_device(missing, asks_device=True)
    assert may_lack_device(AssertionError("Torch not compiled with CUDA"), asks_device=True)


def test_refusals_are_told_from_crashes():
    """
    vLLM's users see a ValueError as a refusal, and a KeyError as a crash.
    """
    assert refuses(ValueError("not supported"))
    assert refuses(NotImplementedError())
    assert not refuses(KeyError("x"))
    assert not refuses(UnicodeDecodeError("utf-8", b"", 0, 1, "bad"))
