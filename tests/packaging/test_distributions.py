"""Tests of what is in the source distribution and in the wheel."""

import subprocess
import sys
import tarfile
import zipfile
from email.parser import HeaderParser
from pathlib import Path

import pytest
from packaging.requirements import Requirement

ROOT = Path(__file__).parents[2]
SOURCES = {
    "hwcheck": ROOT / "hwcheck",
    "hwcheck_conformance": ROOT / "conformance/hwcheck_conformance",
}
LARGEST_WHEEL = 30_000_000


def build(kind: str, source: Path, target: Path) -> Path:
    # Without isolation: the backend is a dependency of these tests, and nothing is downloaded.
    subprocess.run(
        [
            sys.executable,
            "-m",
            "build",
            "--no-isolation",
            f"--{kind}",
            "-o",
            str(target),
            str(source),
        ],
        check=True,
        capture_output=True,
        text=True,
    )
    (made,) = target.glob("*.whl" if kind == "wheel" else "*.tar.gz")
    return made


@pytest.fixture(scope="module")
def sdist(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return build("sdist", ROOT, tmp_path_factory.mktemp("sdist"))


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return build("wheel", ROOT, tmp_path_factory.mktemp("wheel"))


def contents(wheel: Path) -> dict[str, bytes]:
    with zipfile.ZipFile(wheel) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def in_dist_info(wheel: Path, file: str) -> str:
    (data,) = (
        data for name, data in contents(wheel).items() if name.endswith(f".dist-info/{file}")
    )
    return data.decode("utf-8")


def files_of_the_tree() -> set[str]:
    return {
        f"{package}/{path.relative_to(folder).as_posix()}"
        for package, folder in SOURCES.items()
        for path in folder.rglob("*")
        if path.is_file() and "__pycache__" not in path.parts
    }


def test_wheel_holds_every_file_of_both_packages(wheel: Path):
    """
    Every module and every data file of both packages is in the wheel, and nothing else is.
    """
    packaged = {name for name in contents(wheel) if ".dist-info/" not in name}

    assert files_of_the_tree() == packaged


@pytest.mark.parametrize(
    "pattern",
    [
        "hwcheck/py.typed",
        "hwcheck/schemas/run-2.schema.json",
        "hwcheck/schemas/matrix-1.schema.json",
        "hwcheck/schemas/matrix-listing-1.schema.json",
        "hwcheck/schemas/run-3.schema.json",
        "hwcheck/report/templates/*",
        "hwcheck/hosts/data/*.json",
        "hwcheck/hosts/data/facts.bin",
        "hwcheck/capabilities/*.json",
        "hwcheck_conformance/*.py",
    ],
)
def test_wheel_holds_data(wheel: Path, pattern: str):
    """
    The data that the code reads at run time is in the wheel.
    """
    assert [name for name in contents(wheel) if Path(name).match(pattern)]


def test_source_distribution_holds_the_facts_of_hosts(sdist: Path):
    """
    Who builds from it gets the facts of the releases without building them anew.
    """
    with tarfile.open(sdist) as archive:
        names = {name.partition("/")[2] for name in archive.getnames()}

    assert "hwcheck/hosts/data/facts.bin" in names


def test_wheel_is_small(wheel: Path):
    """
    The facts of all releases leave the wheel below 30 MB.
    """
    assert wheel.stat().st_size < LARGEST_WHEEL


def test_wheel_from_the_sdist_is_the_same(sdist: Path, wheel: Path, tmp_path: Path):
    """
    The source distribution builds the wheel that the tree builds, byte by byte.
    """
    with tarfile.open(sdist) as archive:
        archive.extractall(tmp_path, filter="data")
    (tree,) = tmp_path.iterdir()

    rebuilt = build("wheel", tree, tmp_path / "dist")

    assert contents(wheel) == contents(rebuilt)


def test_wheel_declares_its_entry_points(wheel: Path):
    """
    The wheel declares the command and the pytest plugin.
    """
    declared = in_dist_info(wheel, "entry_points.txt")

    assert "[console_scripts]\nhwcheck = hwcheck.cli.main:run_and_exit" in declared
    assert "[pytest11]\nhwcheck = hwcheck.pytest_plugin" in declared


def test_requirements_have_lower_bounds_only(wheel: Path):
    """
    Nothing that is needed at run time has an upper bound, because hosts pin what they need.
    """
    metadata = HeaderParser().parsestr(in_dist_info(wheel, "METADATA"))
    requirements = [Requirement(text) for text in metadata.get_all("Requires-Dist", [])]

    operators = {part.operator for item in requirements for part in item.specifier}

    assert requirements
    assert operators == {">="}


def test_wheel_carries_the_licence(wheel: Path):
    """
    The licence is in the wheel, and its metadata names it.
    """
    metadata = HeaderParser().parsestr(in_dist_info(wheel, "METADATA"))

    assert metadata["License-Expression"] == "Apache-2.0"
    assert metadata.get_all("License-File") == ["LICENSE"]
    assert "Apache License" in in_dist_info(wheel, "licenses/LICENSE")
