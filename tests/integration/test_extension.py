"""Tests that an extension, installed as a distribution of its own, is used everywhere."""

import os
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from hwcheck.codec import encode_run
from hwcheck.model.outcome import Outcome, OutcomeState
from hwcheck.model.plugin import Origin, Plugin
from hwcheck.model.run import Environment, Run

TESTS = Path(__file__).parents[1]


def build_and_unpack(project: Path, folder: Path) -> None:
    """Build a project's wheel and unpack it, as an installer does."""
    wheels = folder / f"dist-{project.name}"
    subprocess.run(
        [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(wheels)],
        cwd=project,
        check=True,
        capture_output=True,
    )
    (wheel,) = wheels.glob("*.whl")
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(folder / "site")


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder for the path, in which the extension is installed."""
    folder = tmp_path_factory.mktemp("extension")
    build_and_unpack(TESTS / "extension_example", folder)
    return folder / "site"


def run_python(*arguments: str, site: Path | None) -> subprocess.CompletedProcess[str]:
    path = {} if site is None else {"PYTHONPATH": str(site)}
    return subprocess.run(
        [sys.executable, "-P", *arguments],
        env={**os.environ, **path, "PYTHONDONTWRITEBYTECODE": "1"},
        capture_output=True,
        text=True,
        # A run imports vLLM several times, on a machine that may be busy.
        timeout=600,
        check=False,
    )


def stored_run(folder: Path) -> Path:
    run = Run(
        plugin=Plugin(
            name="some-plugin", version="1.0", origin=Origin.INSTALLED, location="", entry_points=()
        ),
        host=None,
        environment=Environment(
            hwcheck="0.1.0", python="3.11.7", torch=None, system="Linux", machine="x86_64"
        ),
        started="2026-11-20T12:00:00Z",
        seconds=1.0,
        complete=True,
        interruption=None,
        contracts=(),
        outcomes=(Outcome(contract="example.quiet", case=None, state=OutcomeState.PASSED),),
        profiles=(),
        capabilities=(),
        standings=(),
    )
    path = folder / "run.json"
    path.write_bytes(encode_run(run))
    return path


def test_registry_offers_what_the_extension_adds(installed: Path):
    """
    The registry of a process that sees the extension offers all three additions.
    """
    program = (
        "from hwcheck.registry import load_registry\n"
        "registry = load_registry()\n"
        "print([item.id for item in registry.capabilities() if item.id == 'x-quiet-probe'])\n"
        "print([item.package for item in registry.suites() if item.name == 'quiet'])\n"
        "print([item.suffix for item in registry.reporters() if item.name == 'one-line'])\n"
    )

    done = run_python("-c", program, site=installed)

    assert done.stderr == ""
    assert done.stdout.splitlines() == [
        "['x-quiet-probe']",
        "['hwcheck_extension_example.suite']",
        "['line.txt']",
    ]


def test_report_is_rendered_in_the_added_form(installed: Path, tmp_path: Path):
    """
    A stored run is rendered by a reporter that an extension adds.
    """
    stored = stored_run(tmp_path)

    done = run_python(
        "-m", "hwcheck", "report", str(stored), "--format", "one-line", site=installed
    )

    assert (done.returncode, done.stdout) == (0, "some-plugin: 1 of 1 passed\n"), done.stderr


def test_added_form_is_unknown_without_the_extension(tmp_path: Path):
    """
    Where the extension is not installed, its form is refused as wrong usage.
    """
    stored = stored_run(tmp_path)

    done = run_python("-m", "hwcheck", "report", str(stored), "--format", "one-line", site=None)

    assert done.returncode == 2
    assert "one-line" in done.stderr
    assert "Traceback" not in done.stderr


def test_added_capability_is_explained(installed: Path):
    """
    A capability that an extension adds is explained like a built-in one.
    """
    done = run_python("-m", "hwcheck", "explain", "x-quiet-probe", site=installed)

    assert done.returncode == 0, done.stderr
    assert "Quiet under the probe" in done.stdout


@pytest.mark.host
def test_added_contract_is_checked_in_a_run(tmp_path: Path):
    """
    A run holds the plugin to the contract that an extension adds, and counts it as evidence.
    """
    build_and_unpack(TESTS / "extension_example", tmp_path)
    build_and_unpack(TESTS.parent / "sample_plugins" / "sample-minimal", tmp_path)
    output = tmp_path / "out"

    done = run_python(
        *("-m", "hwcheck", "run", "sample_minimal", "--report-only"),
        *("--contract", "example.*", "--contract", "load.call"),
        *("--output", str(output), "--format", "one-line"),
        site=tmp_path / "site",
    )

    assert done.returncode == 0, done.stderr
    document = (output / "run.json").read_text(encoding="utf-8")
    assert '"example.quiet"' in document
    assert '"x-quiet-probe"' in document
