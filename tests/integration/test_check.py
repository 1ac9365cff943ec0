"""``hwcheck check`` from end to end: two tiny vLLM trees and a plugin between them."""

import json
from pathlib import Path

import pytest

from hwcheck.cli.main import main
from hwcheck.codec import decode_run

OLD = {
    "vllm/__init__.py": "",
    "vllm/_version.py": '__version__ = "0.26.0"\n',
    "vllm/config.py": "class VllmConfig:\n    pass\n",
    "vllm/platforms/__init__.py": "",
    "vllm/platforms/interface.py": "class Platform:\n    def activate(self):\n        pass\n",
    "vllm/utils.py": "def cdiv(a, b):\n    return a\n\n\ndef round_up(a):\n    return a\n",
}
NEW = {
    **OLD,
    "vllm/_version.py": '__version__ = "0.27.0"\n',
    "vllm/utils.py": "def round_up(a):\n    return a\n",
    "vllm/math.py": "def cdiv(a, b):\n    return a\n",
}
PLUGIN = {
    "pyproject.toml": """
[project]
name = "acme-vllm"
version = "1.0"

[project.entry-points."vllm.platform_plugins"]
acme = "acme:register"
""",
    "acme/__init__.py": """
def register():
    return "acme.platform.AcmePlatform"
""",
    "acme/platform.py": """
from vllm.platforms.interface import Platform
from vllm.utils import cdiv, gone_for_long


class AcmePlatform(Platform):
    def blocks(self, tokens):
        return cdiv(tokens, 16)
""",
}


@pytest.fixture
def place(tmp_path, monkeypatch):
    """Write both hosts and the plugin, and stand in their folder with a cache of its own."""
    for folder, files in (("old", OLD), ("new", NEW), ("plugin", PLUGIN)):
        for name, text in files.items():
            path = tmp_path / folder / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("HWCHECK_CACHE", str(tmp_path / "cache"))
    return tmp_path


def check(*words):
    return main(["check", "plugin", "--from", "old", "--host", "new", *words])


def test_move_between_releases_shows_both_sides(place, capsys):
    """
    The import that the new release breaks is told with its place, and ends with 1.
    """
    assert check() == 1

    said = capsys.readouterr()
    assert "does not fit vLLM new: 1 error from 1 change in vLLM" in said.out
    assert "vllm.utils.cdiv" in said.out
    assert "plugin/acme/platform.py:3" in said.out
    assert "vllm.math" in said.out
    assert "gone_for_long" not in said.out
    assert "also on vLLM old, not counted" in said.out
    assert said.err == ""


def test_standing_findings_are_listed_when_asked_for(place, capsys):
    """
    What is wrong with both releases is shown apart.
    """
    assert check("--show-standing") == 1

    assert "gone_for_long" in capsys.readouterr().out


def test_release_that_fits_ends_with_zero_and_says_how_much_was_checked(place, capsys):
    """
    No finding is no silence.
    """
    assert main(["check", "plugin", "--from", "old", "--host", "old"]) == 0

    said = capsys.readouterr().out
    assert "fits vLLM old: no new errors" in said
    assert "uses of vLLM checked in 2 files" in said


def test_report_only_ends_with_zero(place):
    """
    A job that only reports leaves the verdict to another.
    """
    assert check("--report-only") == 0


def test_partial_check_says_so(place, capsys):
    """
    A file that is no Python is named; the rest is checked, and errors in it still give 1.
    """
    (place / "plugin/acme/broken.py").write_text("def f(:\n")

    assert check() == 1

    said = capsys.readouterr().out
    assert "the check is partial: 1 file was not read" in said
    assert "plugin/acme/broken.py: syntax" in said


def test_partial_check_without_findings_ends_with_three(place):
    """
    What could not be read may hold anything.
    """
    (place / "plugin/acme/broken.py").write_text("def f(:\n")

    assert main(["check", "plugin", "--from", "old", "--host", "old"]) == 3


def test_output_holds_all_forms_and_is_the_same_every_time(place, capsys):
    """
    The same input gives the same bytes, without any path of this machine.
    """
    check("--output", "one", "--no-cache", "--jobs", "1")
    check("--output", "two")

    names = {path.name for path in Path("one").iterdir()}
    assert names == {"check.json", "check.sarif", "check.md", "junit.xml"}
    for name in names:
        data = Path("one", name).read_bytes()
        assert data == Path("two", name).read_bytes()
        assert str(place).encode() not in data
    assert "wrote one/check.sarif" in capsys.readouterr().err


def test_json_is_a_run_document_that_can_be_rendered_again(place, capsys):
    """
    What was stored is shown as it was shown at first.
    """
    check("--output", "out")
    first = capsys.readouterr().out

    assert main(["report", "out/check.json"]) == 0

    assert capsys.readouterr().out == first
    run = decode_run(Path("out/check.json").read_bytes(), "check.json")
    assert run.check.baseline.host == "old"
    assert run.started == ""


def test_sarif_names_files_as_the_repository_does(place, capsys):
    """
    Paths start where the command was started, so that a service finds the lines.
    """
    check("--format", "sarif")

    (run,) = json.loads(capsys.readouterr().out)["runs"]
    (result,) = run["results"]
    assert result["locations"][0]["physicalLocation"]["artifactLocation"]["uri"] == (
        "plugin/acme/platform.py"
    )


def test_rules_can_be_chosen(place, capsys):
    """
    What was left out is said.
    """
    assert check("--ignore", "HW1") == 0

    assert "without rules HW1" in capsys.readouterr().out


def test_unwritable_output_is_refused_before_the_work(place, capsys):
    """
    A folder that cannot be made is named together with its option.
    """
    assert check("--output", "plugin/pyproject.toml/x") == 3

    assert "--output" in capsys.readouterr().err
