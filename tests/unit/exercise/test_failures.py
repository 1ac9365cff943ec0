import subprocess
import sys
from dataclasses import dataclass
from types import SimpleNamespace

import pytest

from hwcheck.exercise.bench import Bench
from hwcheck.exercise.failures import failed_in_use, may_lack_device, refuses
from hwcheck.model.examination import CaseState
from hwcheck.probe.attribution import Attribution
from hwcheck.probe.ownership import Ownership

HERE = "here-for-failures"


@dataclass
class _Platform:
    device_type: str


def _empty(size: int, *, device: str) -> object:
    """As torch makes a tensor, on the only device that there is."""
    if device != HERE:
        raise RuntimeError(f"no {device}")
    return [0] * size


@pytest.fixture
def bench(monkeypatch: pytest.MonkeyPatch) -> Bench:
    """
    A bench whose plugin owns `acme_plugin`, on a device that is here.
    """
    monkeypatch.setitem(sys.modules, "torch", SimpleNamespace(empty=_empty))
    return Bench(
        platform=_Platform(HERE),
        attribution=Attribution(Ownership(names=("acme_plugin",), folders=(), files=())),
        host_version="0.32.0",
        seed=0,
        control=False,
    )


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


@pytest.mark.parametrize(
    "error",
    [
        ImportError("cannot import name 'gone' from 'vllm.config'", name="vllm.config"),
        NameError("name 'vllm' is not defined"),
    ],
)
def test_misfit_with_this_vllm_is_no_absence(error: Exception):
    """
    A name that vLLM has not is the plugin's fault, whatever device it lacks.
    """
    assert not may_lack_device(error, asks_device=True)


def test_use_that_fails_on_a_device_that_is_here_is_a_breach(bench: Bench):
    """
    On its own device nothing that the platform names may fail.
    """
    assert failed_in_use(bench, KeyError("x"), "making it").state is CaseState.BROKEN


@pytest.mark.parametrize(
    ("name", "state"),
    [
        ("vendor_runtime", CaseState.NOT_MEASURED),
        ("acme_plugin.gone", CaseState.BROKEN),
        ("vllm.gone", CaseState.BROKEN),
    ],
)
def test_missing_library_is_no_breach_even_beside_the_device(
    bench: Bench, name: str, state: CaseState
):
    """
    A platform of the kind "cpu" has its device everywhere, and its vendor's library not.
    """
    error = ModuleNotFoundError(f"No module named {name!r}", name=name)

    assert failed_in_use(bench, error, "making it").state is state


def test_use_that_fails_without_the_device_is_not_judged(bench: Bench):
    """
    Without the device a use can fail in any way, except for one that does not fit this vLLM.
    """
    bench.platform = _Platform("not-here-for-failures")

    assert failed_in_use(bench, KeyError("x"), "making it").needs_device
    misfit = TypeError("__init__() got an unexpected keyword argument 'sinks'")
    assert failed_in_use(bench, misfit, "making it").state is CaseState.BROKEN
