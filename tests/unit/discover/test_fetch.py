"""Releases fetched with pip, from a folder instead of an index."""

import os
import sys
import zipfile
from pathlib import Path

import pytest

from hwcheck.discover.fetch import fetch_wheel, is_pinned
from hwcheck.errors import DiscoveryError


def make_wheel(folder, name, version, tag="py3-none-any"):
    path = folder / f"{name}-{version}-{tag}.whl"
    info = f"{name}-{version}.dist-info"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr(f"{name}/__init__.py", "")
        archive.writestr(
            f"{info}/METADATA", f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n"
        )
        archive.writestr(
            f"{info}/WHEEL", f"Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: {tag}\n"
        )
        archive.writestr(f"{info}/RECORD", "")
    return path


@pytest.fixture
def index(tmp_path):
    """Make a folder of wheels, and the environment that has pip look there only."""
    folder = tmp_path / "index"
    folder.mkdir()
    kept = {key: value for key, value in os.environ.items() if not key.startswith("PIP_")}
    settings = {"PIP_CONFIG_FILE": os.devnull, "PIP_NO_INDEX": "1", "PIP_FIND_LINKS": str(folder)}
    return folder, {**kept, **settings}


@pytest.mark.parametrize(
    ("target", "expected"),
    [
        ("acme==1.0", True),
        (" vllm-acme == 1.0rc1+cpu ", True),
        ("acme", False),
        ("acme>=1.0", False),
        ("./acme==1.0/x", False),
        ("acme==1.*", False),
    ],
)
def test_pinned_names_a_release(target, expected):
    """
    Only NAME==VERSION is fetched.
    """
    assert is_pinned(target) is expected


def test_wheel_is_fetched_once(index, tmp_path):
    """
    A wheel that is there already is not asked for again.
    """
    folder, environment = index
    wheel = make_wheel(folder, "acme", "1.0")

    first = fetch_wheel("acme==1.0", tmp_path / "kept", environment)
    wheel.unlink()

    assert fetch_wheel("acme == 1.0", tmp_path / "kept", environment) == first
    assert first.name == "acme-1.0-py3-none-any.whl"


def test_wheel_for_another_python_is_fetched(index, tmp_path):
    """
    A wheel is read and not run, so one for another interpreter and machine will do.
    """
    folder, environment = index
    make_wheel(folder, "acme", "0.9")
    make_wheel(folder, "acme", "1.0", "cp310-cp310-manylinux_2_34_aarch64")

    found = fetch_wheel("acme==1.0", tmp_path / "kept", environment)

    assert "cp310" in found.name


def test_unknown_version_names_those_that_are_there(index, tmp_path):
    """
    A version that does not exist is answered with those that do.
    """
    folder, environment = index
    make_wheel(folder, "acme", "1.0")

    with pytest.raises(DiscoveryError, match=r"there is no 'acme==2\.0'\n  known: 1\.0"):
        fetch_wheel("acme==2.0", tmp_path / "kept", environment)


def test_name_without_wheels_is_refused(index, tmp_path):
    """
    Where nothing or only source is published, the message says what to do.
    """
    folder, environment = index
    (folder / "acme-1.0.tar.gz").write_bytes(b"")

    with pytest.raises(DiscoveryError, match="no wheel of it"):
        fetch_wheel("acme==1.0", tmp_path / "kept", environment)


def test_index_that_cannot_be_reached_is_told(index, tmp_path):
    """
    Without a network the message says so, and shows no password.
    """
    _, environment = index
    environment = {**environment, "PIP_INDEX_URL": "http://user:secret@127.0.0.1:9/simple"}
    del environment["PIP_NO_INDEX"]

    with pytest.raises(DiscoveryError, match="cannot be reached") as caught:
        fetch_wheel("acme==1.0", tmp_path / "kept", environment)

    assert "secret" not in str(caught.value)


def test_interpreter_without_pip_is_told(index, tmp_path):
    """
    Where pip is missing or cannot be started, the message says so.
    """
    _, environment = index
    bare = tmp_path / "bare"
    bare.write_text(
        f"#!/bin/sh\nexec {sys.executable} -S -c 'import sys; sys.exit(\"No module named pip\")'\n"
    )
    bare.chmod(0o755)

    with pytest.raises(DiscoveryError, match="has no pip"):
        fetch_wheel("acme==1.0", tmp_path / "kept", environment, python=str(bare))
    with pytest.raises(DiscoveryError, match="cannot be started"):
        fetch_wheel("acme==1.0", tmp_path / "kept", environment, python=str(tmp_path / "none"))


def test_other_words_are_refused(tmp_path):
    """
    What is not NAME==VERSION is not fetched.
    """
    with pytest.raises(DiscoveryError, match="not NAME==VERSION"):
        fetch_wheel("acme>=1", Path(tmp_path), {})
