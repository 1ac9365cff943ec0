"""The emulated accelerator: what it refuses and counts, and that vLLM serves on it."""

import importlib.util
import json
import os
import shutil
import subprocess
import sys
import sysconfig
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from hwcheck.codec import decode_run
from hwcheck.model.outcome import OutcomeState
from hwcheck.model.run import Run

PACKAGE = Path(__file__).parents[2] / "sample_plugins" / "sample-device" / "hwcheck_sample_device"
CHILD = Path(__file__).with_name("sample_device_child.py")
HOST = importlib.util.find_spec("vllm") is not None
COMPILER = shutil.which(os.environ.get("CXX", "g++"))
HEADERS = Path(sysconfig.get_path("include"), "Python.h")

pytestmark = [
    pytest.mark.host,
    pytest.mark.skipif(not HOST, reason="vllm is not importable in this environment"),
    pytest.mark.skipif(COMPILER is None, reason="there is no C++ compiler (g++, or set CXX)"),
    pytest.mark.skipif(not HEADERS.exists(), reason="Python's headers are not installed"),
]

# The fixture `install_sample` gives a record that is defined beside it, in conftest.py.
Install = Callable[[str], Any]
See = Callable[..., dict[str, Any]]


@pytest.fixture(scope="module")
def library(pytestconfig: pytest.Config, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The compiled device, kept between sessions for as long as nothing has changed."""
    cache = getattr(pytestconfig, "cache", None)
    folder = tmp_path_factory.mktemp("library") if cache is None else cache.mkdir("sample-device")
    return build(folder)


@pytest.fixture(scope="module")
def sample(install_sample: Install, library: Path) -> Any:
    """The sample, installed and built."""
    installed = install_sample("sample-device")
    shutil.copy(library, installed.folders[0] / PACKAGE.name)
    return installed


@pytest.fixture(scope="module")
def see(sample: Any, tmp_path_factory: pytest.TempPathFactory) -> See:
    """What a process sees that uses the device."""

    def run(what: str, **settings: str) -> dict[str, Any]:
        folder = tmp_path_factory.mktemp(what)
        reply = folder / "reply.json"
        model = [str(folder / "model")] if what in {"serving", "in-tree"} else []
        child = subprocess.run(
            [sys.executable, str(CHILD), what, str(reply), *model],
            env={
                "PATH": os.environ["PATH"],
                "HOME": str(folder),
                "PYTHONPATH": str(sample.folders[0]),
                "VLLM_PLUGINS": "sample_device",
                "VLLM_ENABLE_V1_MULTIPROCESSING": "0",
                "VLLM_NO_USAGE_STATS": "1",
                "HF_HUB_OFFLINE": "1",
                "OMP_NUM_THREADS": "1",
                "TORCH_COMPILE_DISABLE": "1",
                **settings,
            },
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            timeout=600,
            check=False,
        )
        assert reply.exists(), child.stdout[-4000:]
        answer: dict[str, Any] = json.loads(reply.read_text(encoding="utf-8"))
        return answer

    return run


@pytest.fixture(scope="module")
def device(see: See) -> dict[str, Any]:
    """What was seen of the device by itself."""
    return see("device")


@pytest.fixture(scope="module")
def serving(see: See) -> dict[str, Any]:
    """What was seen of vLLM on the device."""
    return see("serving")


def build(folder: Path) -> Path:
    done = subprocess.run(
        [sys.executable, str(PACKAGE / "build.py"), str(folder)],
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=600,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    # The compiler has nothing to say about the sources.
    assert done.stderr == ""
    return Path(done.stdout.strip())


def test_library_is_not_compiled_again_when_nothing_changed(library: Path):
    """
    A second build leaves the file of the first.
    """
    first = library.stat()

    second = build(library.parent).stat()

    assert (first.st_ino, first.st_mtime_ns) == (second.st_ino, second.st_mtime_ns)


def test_library_that_is_not_built_is_a_device_that_is_not_there():
    """
    The plugin answers None instead of naming a platform that cannot be imported.
    """
    done = subprocess.run(
        [sys.executable, "-c", "import hwcheck_sample_device as p; print(p.register())"],
        env={"PATH": os.environ["PATH"], "PYTHONPATH": str(PACKAGE.parent)},
        capture_output=True,
        text=True,
        check=True,
    )

    assert done.stdout == "None\n"


@pytest.mark.parametrize(
    "operands",
    [
        *("device + host", "host + device", "device 0 + device 1", "device @ host", "cat"),
        *("in place", "out on the host", "index_select"),
    ],
)
def test_mixed_operands_are_refused(device: dict[str, Any], operands: str):
    """
    A tensor of one device does not meet a tensor of another, or of the host, unnoticed.
    """
    refused = device["refused"][operands]

    assert "Expected all tensors to be on the same device" in refused


def test_mixed_operands_are_taken_where_cuda_takes_them(device: dict[str, Any]):
    """
    Numbers, indices and copies pass; generators and foreign operators of the host do not.
    """
    refused = device["refused"]

    assert [refused[what] for what in refused if what.startswith("allowed")] == [None] * 4
    assert "device type for generator" in refused["generator of the host"]
    assert "NotImplementedError: Could not run" in refused["operator without a kernel"]


def test_accounting_is_exact(device: dict[str, Any]):
    """
    Bytes are counted by device, to the byte, and all come back.
    """
    seen = device["accounting"]

    assert seen["live"] == [400, 7]
    assert seen["blocks"] == 1
    assert seen["peak"] == 600
    assert seen["kept by a view"] == 400
    assert seen["after"] == [0, 0]
    assert seen["calls"]["aten::dot"] == 1


def test_limit_of_memory_raises_out_of_memory(device: dict[str, Any]):
    """
    What does not fit raises torch's own error; the other device and later requests are served.
    """
    seen = device["memory"]

    assert seen["error"][:2] == ["OutOfMemoryError", "RuntimeError"]
    assert seen["info"] == [0, 100]
    assert seen["live"] == 202


def test_operators_give_the_values_of_the_host(device: dict[str, Any]):
    """
    Views, outputs, gradients and inference mode work as they do anywhere.
    """
    assert device["values"] == []
    assert device["random"] == {"seed": True, "state": True, "host": True, "offset": True}
    assert device["elapsed"] >= 0


def test_device_survives_a_fork_before_its_first_use(device: dict[str, Any]):
    """
    Loading makes no context; once there is one, a fork cannot go on with it, as with CUDA.
    """
    assert not device["context after loading"]
    assert device["fork before use"] is None
    assert "Cannot re-initialize" in device["fork after use"]


def test_devices_are_named_counted_and_masked_by_the_environment(see: See):
    """
    Name, number, memory and visible devices are settable.
    """
    seen = see(
        "settings",
        SAMPLE_DEVICE_NAME="acme",
        SAMPLE_DEVICE_COUNT="4",
        SAMPLE_DEVICE_VISIBLE="3,1",
        SAMPLE_DEVICE_MEMORY="12345",
    )

    assert (seen["name"], seen["count"], seen["total"]) == ("acme:1", 2, 12345)
    assert "invalid device ordinal 2" in seen["beyond"]


def test_vllm_serves_on_the_device(serving: dict[str, Any]):
    """
    Greedy tokens equal those of transformers, and are the same from a second engine.
    """
    platform = "hwcheck_sample_device.sample_platform.SampleDevicePlatform"

    assert platform == serving["platform"]
    assert [serving["expected"]] * 2 == [turn["tokens"] for turn in serving["rounds"]]


def test_device_gives_the_tokens_of_the_in_tree_platform(serving: dict[str, Any], see: See):
    """
    vLLM's own CPU platform generates the same from the same weights.
    """
    in_tree = see("in-tree", VLLM_PLUGINS="__none__")

    assert in_tree["is_cpu"]
    assert in_tree["tokens"] == serving["rounds"][0]["tokens"]


def test_engine_gives_its_memory_back(serving: dict[str, Any]):
    """
    Of the weights and the cache nothing is left, and a second engine leaves no more than the first.
    """
    first, second = serving["rounds"]

    assert first["live"] == second["live"] > 16 * 2**20
    assert first["left"] == second["left"]
    # Constants that vLLM makes once a process.
    assert first["left"] - serving["before"] < 1024


def test_mask_left_on_the_host_is_refused_by_the_device_alone(serving: dict[str, Any]):
    """
    An attention that forgets a device passes on the CPU: that is what the device is for.
    """
    seen = serving["attention"]

    assert seen["right on the host"] is None
    assert seen["right on the device"] is None
    assert seen["wrong on the host"] is None
    assert "Expected all tensors to be on the same device" in seen["wrong on the device"]


def test_slots_are_those_of_the_block_table(serving: dict[str, Any]):
    """
    The kernel in plain torch maps the tokens of each request, and pads.
    """
    assert serving["slots"] == [31, 20, 12, 13, 14, -1, -1, 0]


def test_collectives_join_two_devices(serving: dict[str, Any]):
    """
    Each rank ends with the right values, on its own device, and its input is unchanged.
    """
    assert serving["collectives"] == [None, None]


def test_suite_finds_nothing_broken(sample: Any, tmp_path: Path):
    """
    Both profiles and the operators are kept, as far as one process without a second can tell.
    """
    done = sample.python(
        *("-m", "hwcheck", "run", sample.distribution, "--format", "json", "--ops"),
        # A busy machine is slow, not wrong, and each operator on the device costs some more.
        *("--step-limit", "200"),
        cwd=tmp_path,
        timeout=2400,
    )

    assert done.stdout, done.stderr
    run = decode_run(done.stdout.encode(), sample.distribution)
    assert told(run, OutcomeState.BROKEN) == {}
    assert told(run, OutcomeState.HARNESS_ERROR) == {}
    # The ranks of a collective are looked at on the CPU only.
    assert set(told(run, OutcomeState.NOT_MEASURED)) <= {
        "communicator.collective",
        "communicator.construct",
    }
    assert sample.left_processes() == []


def told(run: Run, state: OutcomeState) -> dict[str, str | None]:
    return {outcome.id: outcome.reason for outcome in run.in_state(state)}
