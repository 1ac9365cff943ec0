"""Tests of the installed distribution, from a folder that holds nothing of the project."""

import subprocess
import sys
from importlib.metadata import version
from pathlib import Path

import pytest


def run_in(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-P", "-m", *arguments],
        cwd=folder,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )


def test_version_is_that_of_the_distribution(tmp_path: Path):
    """
    The command reports the version that the distribution's metadata has.
    """
    done = run_in(tmp_path, "hwcheck", "--version")

    assert (done.returncode, done.stdout.split()[-1]) == (0, version("hwcheck"))


@pytest.mark.parametrize("command", ["list", "check", "hosts", "run", "report", "explain"])
def test_help_of_each_command_is_shown(tmp_path: Path, command: str):
    """
    Every command shows its help.
    """
    done = run_in(tmp_path, "hwcheck", command, "--help")

    assert done.returncode == 0, done.stderr
    assert f"hwcheck {command}" in done.stdout


def test_list_needs_no_host(tmp_path: Path):
    """
    What is installed can be listed without a vLLM.
    """
    done = run_in(tmp_path, "hwcheck", "list")

    assert done.returncode == 0, done.stderr


def test_facts_of_releases_are_installed(tmp_path: Path):
    """
    The installed distribution knows releases of vLLM, from the first to the last.
    """
    done = run_in(tmp_path, "hwcheck", "hosts", "list")

    assert done.returncode == 0, done.stderr
    assert [release for release in ("0.9.0", "0.33.0") if f" {release} " in done.stdout] == [
        "0.9.0",
        "0.33.0",
    ]


def test_suite_without_a_platform_says_what_to_give(tmp_path: Path):
    """
    Running the suite without a platform ends as wrong usage that names the missing option.
    """
    done = run_in(tmp_path, "pytest", "--pyargs", "hwcheck_conformance")

    shown = done.stdout + done.stderr
    assert done.returncode == pytest.ExitCode.USAGE_ERROR, shown
    assert "--hwcheck-platform" in shown
    assert "Traceback" not in shown


def test_pytest_without_the_suite_is_left_alone(tmp_path: Path):
    """
    Other people's tests run as before in an environment where hwcheck is installed.
    """
    (tmp_path / "test_other.py").write_text("def test_other():\n    assert True\n")

    done = run_in(tmp_path, "pytest", "-q", "-W", "error", "-p", "no:cacheprovider")

    assert done.returncode == 0, done.stdout + done.stderr
    assert "1 passed" in done.stdout
