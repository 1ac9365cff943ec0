"""Packing a run with its logs."""

import io
import json
import os
import zipfile

import pytest

from hwcheck.errors import UsageError
from hwcheck.run import packing
from hwcheck.run.packing import pack_run


@pytest.fixture
def logs(tmp_path):
    """
    What a run leaves, with a link that leads out of it.
    """
    folder = tmp_path / "keep"
    (folder / "run-x" / "probe").mkdir(parents=True)
    (folder / "run-x" / "pytest.txt").write_text("out")
    (folder / "run-x" / "probe" / "a b.txt").write_bytes(b"\xff")
    (folder / "run-x" / "link").symlink_to("/etc")
    return folder


def unpacked(data):
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def test_bundle_holds_run_environment_commands_and_logs(sound_run, logs):
    """
    The list of contents comes first; links are named and not followed.
    """
    files = unpacked(pack_run(sound_run, logs))

    assert list(files) == [
        "bundle.json",
        "environment.txt",
        "logs/run-x/probe/a b.txt",
        "logs/run-x/pytest.txt",
        "reproduce.txt",
        "run.json",
    ]
    assert json.loads(files["bundle.json"])["left_out"] == ["logs/run-x/link"]
    assert b"requires: vllm>=0.30" in files["environment.txt"]
    assert files["reproduce.txt"].decode().splitlines() == [
        "hwcheck run acme",
        "hwcheck run acme --contract lora.swap",
    ]


def test_same_input_gives_the_same_bytes(sound_run, logs):
    """
    Neither times nor the order of the disk are in it.
    """
    first = pack_run(sound_run, logs)
    os.utime(logs / "run-x" / "pytest.txt", (1, 1))

    assert first == pack_run(sound_run, logs)


def test_large_file_is_left_out(sound_run, logs, monkeypatch):
    """
    A model is no log.
    """
    monkeypatch.setattr(packing, "LARGEST_LOG", 2)

    files = unpacked(pack_run(sound_run, logs))

    assert "logs/run-x/pytest.txt" not in files
    assert "logs/run-x/pytest.txt" in json.loads(files["bundle.json"])["left_out"]


@pytest.mark.parametrize("name", ["missing", "file"])
def test_folder_that_is_none_is_refused(sound_run, tmp_path, name):
    """
    The message names it.
    """
    (tmp_path / "file").write_text("")

    with pytest.raises(UsageError, match=f"cannot read the logs in .*{name}"):
        pack_run(sound_run, tmp_path / name)
