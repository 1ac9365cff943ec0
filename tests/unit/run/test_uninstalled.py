"""What is said of a target that is not installed."""

import sys

import pytest

from hwcheck.errors import DiscoveryError
from hwcheck.run.uninstalled import explain_uninstalled


@pytest.mark.parametrize("target", ["acme", "", "nowhere/x", "a" * 5000, "x\0y"])
def test_name_of_nothing_is_not_explained(target):
    """
    A plain name is answered by discovery itself.
    """
    assert explain_uninstalled(target, sys.executable) is None


def test_pin_is_to_be_installed_by_the_tested_interpreter():
    """
    Quoting survives a shell.
    """
    told = explain_uninstalled("acme==1.0; rm", "/opt/my env/python")

    assert told is not None
    assert "'/opt/my env/python' -m pip install 'acme==1.0; rm'" in told


def test_folder_without_a_plugin_is_refused(tmp_path):
    """
    What is wrong with the folder is said by discovery.
    """
    with pytest.raises(DiscoveryError, match="not a source tree"):
        explain_uninstalled(str(tmp_path), sys.executable)


def test_folder_with_problems_only_is_not_explained(tmp_path):
    """
    Metadata of which no plugin can be made gives no command to run.
    """
    info = tmp_path / "acme-1.0.dist-info"
    info.mkdir()
    (info / "entry_points.txt").write_text("[vllm.platform_plugin]\nacme = acme:register\n")
    (info / "METADATA").write_text("Name: acme\nVersion: 1.0\n")

    assert explain_uninstalled(str(tmp_path), sys.executable) is None


def test_source_tree_is_installed_by_its_path(tmp_path):
    """
    The way to install it is followed by the way to run what it holds.
    """
    (tmp_path / "pyproject.toml").write_text(
        '[project]\nname = "acme"\nversion = "1.0"\n'
        '[project.entry-points."vllm.platform_plugins"]\nacme = "acme:register"\n'
    )

    told = explain_uninstalled(str(tmp_path), sys.executable)

    assert told is not None
    assert "is a source tree; only an installed plugin can be run" in told
    assert told.endswith(f"pip install {tmp_path}\n  then: hwcheck run acme")
