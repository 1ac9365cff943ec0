"""The suite as a vendor runs it: plain pytest in the vendor's own repository."""

import importlib.util
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest
from filelock import FileLock

from hwcheck.codec import decode_line
from hwcheck.model.record import RecordLine

SUITE = ("-m", "pytest", "-p", "no:cacheprovider", "--pyargs", "hwcheck_conformance")
MINIMAL = ("--hwcheck-platform", "sample_minimal")
#: Has parts of its own for most contracts.
SERVING = ("--hwcheck-platform", "sample_cpu")
#: Look at metadata only, so that no probe is started.
QUICK = ("-k", "test_host_pin or test_requirement")
VENDORS_SETTINGS = """\
[tool.pytest.ini_options]
addopts = ["--strict-markers", "--strict-config", "-ra"]
filterwarnings = ["error"]
xfail_strict = true
"""
HOST = importlib.util.find_spec("vllm") is not None

Plain = Callable[..., subprocess.CompletedProcess[str]]

needs_host = [
    pytest.mark.host,
    pytest.mark.skipif(not HOST, reason="vllm is not importable in this environment"),
]


def with_host(test: Any) -> Any:
    for mark in needs_host:
        test = mark(test)
    return test


@pytest.fixture(scope="module")
def vendor(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A vendor's repository, which has nothing but its settings for pytest."""
    folder = tmp_path_factory.mktemp("vendor")
    (folder / "pyproject.toml").write_text(VENDORS_SETTINGS, encoding="utf-8")
    return folder


@pytest.fixture(scope="module")
def plain(vendor: Path, install_sample: Callable[[str], Any]) -> Plain:
    """Run pytest on the suite where the minimal sample is installed."""
    return plain_with(install_sample("sample-minimal"), vendor)


@pytest.fixture(scope="module")
def serving(vendor: Path, install_sample: Callable[[str], Any]) -> Plain:
    """Run pytest on the suite where the sample that serves is installed."""
    return plain_with(install_sample("sample-cpu"), vendor)


def plain_with(sample: Any, folder: Path) -> Plain:
    def run(*options: str) -> subprocess.CompletedProcess[str]:
        done: subprocess.CompletedProcess[str] = sample.python(*SUITE, *options, cwd=folder)
        return done

    return run


@pytest.fixture(scope="module")
def alone(serving: Plain, warm_python: Path, shared_folder: Path) -> Path:
    """What one process leaves: its record and its JUnit file, in a folder."""
    options = ("--hwcheck-python", str(warm_python))
    return complete_run(serving, shared_folder / "alone", options)


@pytest.fixture(scope="module")
def parallel(serving: Plain, warm_python: Path, shared_folder: Path) -> Path:
    """What two processes leave."""
    options = ("-n", "2", "--hwcheck-python", str(warm_python))
    return complete_run(serving, shared_folder / "parallel", options)


def complete_run(serving: Plain, folder: Path, options: tuple[str, ...]) -> Path:
    with FileLock(f"{folder}.lock"):
        if folder.exists():
            return folder
        folder.mkdir()
        done = serving(
            *(*SERVING, "--hwcheck-step-limit", "60", *options),
            *("--basetemp", str(folder / "base")),
            *("--hwcheck-record", str(folder / "record.jsonl")),
            *("--junitxml", str(folder / "junit.xml")),
        )
        assert done.returncode == 0, done.stdout + done.stderr
    return folder


def recorded(folder: Path) -> list[RecordLine]:
    text = (folder / "record.jsonl").read_text(encoding="utf-8")
    return [decode_line(line, RecordLine) for line in text.splitlines()]


def outcomes(folder: Path) -> list[tuple[str, str, str | None]]:
    found = [line.outcome for line in recorded(folder) if line.outcome is not None]
    return sorted((item.id, str(item.state), item.reason) for item in found)


@with_host
def test_outcomes_do_not_depend_on_the_number_of_processes(alone: Path, parallel: Path):
    """
    pytest-xdist gives the same ids, states and reasons.
    """
    assert outcomes(alone) != []
    assert outcomes(alone) == outcomes(parallel)


@with_host
def test_probe_runs_once_for_all_processes(parallel: Path):
    """
    The processes of pytest-xdist share one observation.
    """
    children = sorted(line.child.name for line in recorded(parallel) if line.child is not None)

    assert {"active", "behaviour", "staged"} <= set(children)
    assert sorted(set(children)) == children
    assert list(parallel.rglob("staged")) == [parallel / "base" / "probe" / "staged"]


@with_host
def test_junit_file_has_the_cases(alone: Path):
    """
    Each case is a test case of its own, with its parameter in the name.
    """
    cases = ElementTree.parse(alone / "junit.xml").getroot().iter("testcase")

    names = [case.get("name") for case in cases]
    assert "test_callable[sample_cpu]" in names
    assert "test_member[device_type]" in names
    # A test of an examined contract may have several.
    assert len(names) == len(set(names)) <= len(outcomes(alone))


@with_host
def test_profile_selects_its_contracts(plain: Plain):
    """
    `--hwcheck-profile P0` leaves nothing of P1.
    """
    done = plain(*MINIMAL, "--hwcheck-profile", "P0", "--collect-only", "-q")

    assert done.returncode == 0
    assert "test_load.py::test_callable[sample_minimal]" in done.stdout
    assert "test_platform.py" not in done.stdout
    assert "deselected" in done.stdout


@with_host
def test_keyword_selects_cases(plain: Plain):
    """
    `-k` takes the parameter, as in any other test suite.
    """
    done = plain(*MINIMAL, "-k", "test_requirement and torch", "-v")

    assert done.returncode == 0
    assert "test_requirement[torch] PASSED" in done.stdout
    assert "1 passed" in done.stdout


@with_host
def test_distribution_name_is_as_good_as_the_entry_point(plain: Plain):
    """
    A platform can be named by its distribution.
    """
    done = plain("--hwcheck-platform", "hwcheck-sample-minimal", *QUICK)

    assert done.returncode == 0
    assert "passed" in done.stdout


@pytest.mark.parametrize("options", [(), ("-n", "2")], ids=["alone", "parallel"])
def test_missing_platform_is_refused(plain: Plain, options: tuple[str, ...]):
    """
    Contracts of nobody are not run: the message says which option is missing.
    """
    done = plain(*options)

    assert done.returncode == pytest.ExitCode.USAGE_ERROR
    told = done.stdout + done.stderr
    assert "no plugin was named" in told
    assert "--hwcheck-platform NAME" in told
    assert "fixture" not in told
    assert "Traceback" not in told


def test_tests_of_the_suite_can_be_listed_without_a_platform(plain: Plain):
    """
    Looking is allowed.
    """
    done = plain("--collect-only", "-q")

    assert done.returncode == 0
    assert "test_load.py::test_entry_point" in done.stdout


@pytest.mark.parametrize("options", [(), ("-n", "2")], ids=["alone", "parallel"])
def test_unknown_platform_is_refused(plain: Plain, options: tuple[str, ...]):
    """
    The nearest names are offered.
    """
    done = plain("--hwcheck-platform", "sample_minimel", *options)

    assert done.returncode == pytest.ExitCode.USAGE_ERROR
    told = done.stdout + done.stderr
    assert "no plugin 'sample_minimel'" in told
    assert "nearest: sample_minimal" in told
    assert "Traceback" not in told
