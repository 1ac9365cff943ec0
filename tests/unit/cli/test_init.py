"""``hwcheck init`` in folders of all kinds."""

import re
from datetime import date

import pytest

from hwcheck.cli.main import main
from hwcheck.config import find_config
from hwcheck.report.starter import starter_files

PROJECT = """\
[project]
name = "vllm-acme"
version = "1.0"

[project.entry-points."vllm.platform_plugins"]
acme = "acme_plugin:register"
"""


@pytest.fixture
def repository(tmp_path, monkeypatch):
    """
    The root of a plugin's repository, in which we are.
    """
    monkeypatch.chdir(tmp_path)
    (tmp_path / "pyproject.toml").write_text(PROJECT)
    return tmp_path


def test_both_files_are_written_for_the_platform_that_is_found(repository, capsys):
    """
    The configuration says nothing yet, and the workflow names the platform.
    """
    assert main(["init"]) == 0
    assert "wrote hwcheck.toml" in capsys.readouterr().err
    assert find_config(repository).waivers == ()
    assert find_config(repository).source.endswith("hwcheck.toml")
    workflow = (repository / ".github" / "workflows" / "hwcheck.yml").read_text()
    assert "run: hwcheck run acme --reruns 2" in workflow
    assert "${{ vars.PIP_EXTRA_INDEX_URL }}" in workflow


def test_nothing_is_overwritten_without_force(repository, capsys):
    """
    One file that is there keeps both from being written.
    """
    (repository / "hwcheck.toml").write_text("# mine\n")

    assert main(["init"]) == 2
    assert "there already: hwcheck.toml; nothing was written" in capsys.readouterr().err
    assert (repository / "hwcheck.toml").read_text() == "# mine\n"
    assert not (repository / ".github").exists()
    assert main(["init", "--force"]) == 0
    assert (repository / "hwcheck.toml").read_text() != "# mine\n"


def test_configuration_in_pyproject_is_kept(repository, capsys):
    """
    A second one would be refused by every run.
    """
    (repository / "pyproject.toml").write_text(PROJECT + "\n[tool.hwcheck]\n")

    assert main(["init"]) == 0
    assert "no hwcheck.toml is written" in capsys.readouterr().err
    assert not (repository / "hwcheck.toml").exists()


@pytest.mark.parametrize(
    ("project", "words", "phrase"),
    [
        ("[project]\nname = 'x'\n", (), "declares no vLLM plugin"),
        (PROJECT + 'two = "acme_plugin:other"\n', (), "several platforms: acme, two"),
        (PROJECT, ("--platform", "a; rm -rf /"), "is no name of an entry point"),
        (PROJECT, ("missing",), "'missing' is no folder"),
        ("[project\n", ("--platform", "acme"), "cannot read the configuration"),
    ],
)
def test_what_cannot_be_done_is_told(repository, capsys, project, words, phrase):
    """
    One message, no traceback, no file.
    """
    (repository / "pyproject.toml").write_text(project)

    assert main(["init", *words]) == 2
    assert phrase in capsys.readouterr().err
    assert [path.name for path in repository.iterdir()] == ["pyproject.toml"]


def test_folder_that_cannot_be_made_is_told(repository, capsys):
    """
    Something of that name is in the way.
    """
    (repository / ".github").write_text("")

    assert main(["init"]) == 3
    assert "cannot make the folder '.github/workflows'" in capsys.readouterr().err


def test_example_in_the_configuration_is_a_waiver(tmp_path):
    """
    Once its comments are taken off.
    """
    text = starter_files("acme", python="3.12", today=date(2026, 12, 1))["hwcheck.toml"]
    example = text[text.index("# [[waiver]]") :]
    (tmp_path / "hwcheck.toml").write_text(re.sub(r"^# ?", "", example, flags=re.MULTILINE))

    (waiver,) = find_config(tmp_path).waivers

    assert (waiver.created, waiver.expires) == ("2026-12-01", "2027-01-30")
