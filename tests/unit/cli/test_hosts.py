"""`hwcheck hosts`: what is known, what is added, what changed."""

import json
from pathlib import Path

import pytest

from hwcheck.cli.main import main

TREE = {
    "vllm/__init__.py": "",
    "vllm/config.py": "class Config:\n    def load(self, path):\n        pass\n",
    "vllm/platforms/__init__.py": "",
}
PLUGIN = {
    "acme/__init__.py": "from vllm.config import Config\n\n\ndef f(c: Config):\n    c.load('x')\n",
    "pyproject.toml": '[project]\nname = "acme"\nversion = "1"\n'
    '[project.entry-points."vllm.platform_plugins"]\nacme = "acme:f"\n',
}


@pytest.fixture
def write(tmp_path, monkeypatch):
    """Write trees; what is kept goes into folders of the test."""
    for name in ("XDG_DATA_HOME", "XDG_CACHE_HOME"):
        monkeypatch.setenv(name, str(tmp_path / name))
    monkeypatch.setenv("HWCHECK_CACHE", "")

    def write_tree(name, files):
        for path, text in files.items():
            (tmp_path / name / path).parent.mkdir(parents=True, exist_ok=True)
            (tmp_path / name / path).write_text(text)
        return str(tmp_path / name)

    return write_tree


@pytest.fixture
def changed(write):
    """Two trees of vLLM: what the plugin uses changes, what it does not use goes."""
    config = "class Config:\n    def load(self, path, mode):\n        pass\n"
    return (
        write("old", TREE | {"vllm/unused.py": ""}),
        write("new", TREE | {"vllm/config.py": config}),
    )


def test_list_shows_all_releases(capsys, write):
    """
    Every shipped release has a line with its number of modules.
    """
    assert main(["hosts", "list"]) == 0

    lines = capsys.readouterr().out.splitlines()
    assert lines[1].split() == ["host", "version", "released", "modules"]
    assert lines[2].split()[0] == "0.9.0"


def test_added_host_is_listed_and_used(capsys, write):
    """
    A tree that was added can be named; a damaged file of facts is listed as such.
    """
    old = write("old", TREE)
    assert main(["hosts", "add", old, "--name", "mine"]) == 0
    assert main(["hosts", "diff", "mine", old]) == 0
    (kept,) = Path(write("XDG_DATA_HOME", {})).rglob("mine.facts")
    kept.with_name("broken.facts").write_bytes(b"")
    capsys.readouterr()
    assert main(["hosts", "list", "--format", "json"]) == 0

    document = json.loads(capsys.readouterr().out)
    assert document["schema"] == "hwcheck.hosts"
    broken, mine = document["added"]
    assert (mine["name"], mine["version"], mine["modules"]) == ("mine", "unknown", 3)
    assert broken["problem"].startswith("cannot read the facts in 'broken.facts'")
    assert main(["hosts", "list"]) == 0


def test_diff_shows_both_sides(capsys, changed):
    """
    Changes stand under their modules, with counts at the end.
    """
    assert main(["hosts", "diff", *changed]) == 0

    assert capsys.readouterr().out.splitlines()[:-1] == [
        "vllm.config",
        "  ~ method Config.load",
        "      before (self, path)",
        "      after  (self, path, mode)",
        "vllm.unused",
        "  - module",
        "",
        f"changes from {changed[0]} to {changed[1]}: 2",
        "  module: 1 removed",
    ]


def test_diff_for_a_plugin_shows_what_it_uses(capsys, write, changed):
    """
    With a target, what it does not use is left out.
    """
    plugin = write("plugin", PLUGIN)
    assert main(["hosts", "diff", *changed, "--for", plugin, "--format", "json"]) == 0

    document = json.loads(capsys.readouterr().out)
    assert [change["symbol"] for change in document["changes"]] == ["vllm.config.Config.load"]
    assert document["target"] == plugin


def test_diff_of_the_same_host_says_so(capsys, write):
    """
    No change is a sentence, not an empty page.
    """
    old = write("old", TREE)
    assert main(["hosts", "diff", old, old]) == 0

    assert capsys.readouterr().out == f"nothing changed from {old} to {old}\n"


def test_unknown_host_is_wrong_usage(capsys, write):
    """
    The exit code is 2, the message names the nearest.
    """
    assert main(["hosts", "diff", "0.33.9", "0.33.0"]) == 2

    assert "nearest: 0.33.0" in capsys.readouterr().err
