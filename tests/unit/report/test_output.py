"""Writing a report whole or not at all."""

import os
import stat
from pathlib import Path

import pytest

from hwcheck.errors import ReportError
from hwcheck.report.output import write_text


def test_write_replaces_older_file_and_leaves_nothing_beside_it(tmp_path):
    """
    The new text stands in the old one's place, with the old one's mode.
    """
    path = tmp_path / "report.md"
    path.write_text("old")
    path.chmod(0o640)

    write_text(path, "new ●")

    assert path.read_bytes() == "new ●".encode()
    assert stat.S_IMODE(path.stat().st_mode) == 0o640
    assert list(tmp_path.iterdir()) == [path]


def test_write_follows_link(tmp_path):
    """
    A link stays a link, and what it points to is replaced.
    """
    (tmp_path / "real.md").write_text("old")
    link = tmp_path / "link.md"
    link.symlink_to("real.md")

    write_text(link, "new")

    assert link.is_symlink()
    assert (tmp_path / "real.md").read_text() == "new"


def test_write_into_missing_folder_names_path_and_reason(tmp_path):
    """
    The message says which path, and what the system answered.
    """
    path = tmp_path / "no" / "report.md"

    with pytest.raises(ReportError, match=r"report\.md': No such file or directory\n  name a file"):
        write_text(path, "text")


def test_write_onto_folder_is_refused(tmp_path):
    """
    A folder is no place for a report.
    """
    with pytest.raises(ReportError, match="Is a directory"):
        write_text(tmp_path, "text")


def test_write_to_device_does_not_replace_it(tmp_path):
    """
    A device is written to, and stays what it is.
    """
    device = Path(os.devnull)

    write_text(device, "text")

    assert device.is_char_device()


@pytest.mark.parametrize("name", ["loop", "nul\0byte", "x" * 300])
def test_write_to_impossible_path_is_a_report_error(name, tmp_path):
    """
    Whatever is wrong with a path, it is one message.
    """
    (tmp_path / "loop").symlink_to("loop")

    with pytest.raises(ReportError, match="cannot write the report"):
        write_text(tmp_path / name, "text")


def test_failed_replacement_keeps_the_older_file(tmp_path, monkeypatch):
    """
    When the last step fails, the older file is whole and nothing is left beside it.
    """
    path = tmp_path / "report.md"
    path.write_text("old")

    def refuse(*_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Path, "replace", refuse)

    with pytest.raises(ReportError, match="No space left on device"):
        write_text(path, "new")

    assert path.read_text() == "old"
    assert list(tmp_path.iterdir()) == [path]
