"""The facts that hwcheck ships: every release is there, and a plugin is held against real ones."""

import json

import pytest

from hwcheck.cli.main import main

RELEASES = (
    "0.9.0 0.9.0.1 0.9.1 0.9.2 0.10.0 0.10.1 0.10.1.1 0.10.2 0.11.0 0.11.1 0.11.2 0.12.0 0.13.0"
)
PROJECT = """
[project]
name = "vllm-acme"
version = "1.0"

[project.entry-points."vllm.platform_plugins"]
acme = "acme:register"
"""
PLUGIN = """
from vllm.platforms.interface import Platform
from vllm.utils import cdiv


class AcmePlatform(Platform):
    def blocks(self, tokens):
        return cdiv(tokens, 16)


def register():
    return "acme.AcmePlatform"
"""
#: The first release in which vllm.utils no longer has cdiv().
MOVED_IN = "0.11.1"


@pytest.fixture
def plugin(tmp_path, monkeypatch):
    """
    A plugin that takes cdiv() from where old releases had it, in the current folder.
    """
    (tmp_path / "acme").mkdir()
    (tmp_path / "acme/__init__.py").write_text(PLUGIN, encoding="utf-8")
    (tmp_path / "pyproject.toml").write_text(PROJECT, encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("HWCHECK_CACHE", str(tmp_path / "cache"))
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "data"))


@pytest.fixture
def check(plugin, capsys):
    """
    Check the plugin, and give the exit code and what the document says.
    """

    def run(*words):
        code = main(["check", ".", *words, "--format", "json"])
        return code, json.loads(capsys.readouterr().out)["run"]["check"]

    return run


@pytest.fixture
def known(plugin, capsys):
    """
    The releases that `hwcheck hosts list` names, in its order.
    """
    assert main(["hosts", "list", "--format", "json"]) == 0
    return [item["version"] for item in json.loads(capsys.readouterr().out)["releases"]]


def errors(found):
    return [item for item in found["findings"] if item["severity"] == "error"]


def test_every_release_is_known(known):
    """
    From 0.9.0 to 0.33.0 none is missing, oldest first.
    """
    assert len(known) == 43
    assert known[:13] == RELEASES.split()
    assert known[-1] == "0.33.0"
    assert {f"0.{minor}.0" for minor in range(9, 34)} - {"0.11.0"} <= {*known}


def test_name_that_went_between_two_releases_is_found(check):
    """
    The import, its line, and the first release without the name are told.
    """
    code, found = check("--from", "0.10.0", "--host", "0.33.0")

    (finding,) = errors(found)
    assert code == 1
    assert (finding["rule"], finding["symbol"]) == ("HW102", "vllm.utils.cdiv")
    assert finding["where"] == {"path": "acme/__init__.py", "line": 3}
    assert finding["since"] == MOVED_IN
    assert finding["host_before"].endswith("cdiv(a, b)")


def test_release_that_the_plugin_was_written_for_fits(check):
    """
    Against the release before the move nothing breaks.
    """
    code, found = check("--host", "0.11.0")

    assert (code, errors(found)) == (0, [])


def test_release_can_be_written_in_the_usual_ways(check):
    """
    A tag and a requirement name the same release, and the same is found.
    """
    plain, tagged = (check("--from", "0.10.0", "--host", word) for word in ("0.33.0", "v0.33.0"))

    assert plain == tagged


def test_window_over_all_releases_is_one_block(known, check):
    """
    Without a host every known release has its line, and those before the move fit.
    """
    code, found = check()

    window = {line["host"]: line["fits"] for line in found["window"]}
    assert code == 0
    assert list(window) == known
    moved = known.index(MOVED_IN)
    assert [window[name] for name in known] == [True] * moved + [False] * (len(known) - moved)
