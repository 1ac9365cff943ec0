"""``hwcheck matrix`` as it is typed, on a small plugin and the releases that are shipped."""

import json
from pathlib import Path

import pytest
from jsonschema import Draft202012Validator

from hwcheck.cli.main import main
from hwcheck.codec_matrix import listing_schema

OLD = Path(__file__).parents[2] / "data" / "run-1.json"
PYPROJECT = """
[project]
name = "vllm-acme"
version = "1.0"
dependencies = ["vllm==0.32.0"]

[project.entry-points."vllm.platform_plugins"]
acme = "vllm_acme:register"
"""
SPECIFICATION = """
title = "Ours"
hosts = ["0.32.0", "0.33.0"]

[[plugins]]
vendor = "Acme"
releases = ["acme"]
"""


@pytest.fixture
def here(tmp_path, monkeypatch):
    """Stand in a folder with a specification and a plugin that 0.33 could break."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("HWCHECK_CACHE", "")
    package = tmp_path / "acme" / "vllm_acme"
    package.mkdir(parents=True)
    (tmp_path / "acme/pyproject.toml").write_text(PYPROJECT)
    (package / "__init__.py").write_text("from vllm.platforms import Platform\n")
    (tmp_path / "matrix.toml").write_text(SPECIFICATION)
    return tmp_path


def test_build_writes_the_folder_and_says_what_is_in_it(here, capsys):
    """
    A tree and a run become a folder; progress and summary go to standard error.
    """
    assert main(["matrix", "add", str(OLD), "--to", "site"]) == 0

    code = main(["matrix", "build", "matrix.toml", "--output", "site", "--jobs", "1"])

    told = capsys.readouterr()
    assert (code, told.out) == (0, "")
    assert "[1/1] acme\n" in told.err
    assert "2 plugins in 2 releases" in told.err
    matrix = json.loads((here / "site/matrix.json").read_text())["matrix"]
    states = {check["host"]: check["state"] for check in matrix["checks"]}
    assert states == {"0.32.0": "fits", "0.33.0": "declared-outside"}
    assert str(here) not in (here / "site/matrix.json").read_text()
    listing = json.loads((here / "site/index.json").read_text())
    Draft202012Validator(listing_schema()).validate(listing)


def test_build_of_what_cannot_be_read_is_partial(here, capsys):
    """
    Another plugin that is missing gives 3 and a remedy, and the folder is written.
    """
    (here / "matrix.toml").write_text(f'{SPECIFICATION}\n[[plugins]]\nreleases = ["./nothing"]\n')

    code = main(["matrix", "build", "matrix.toml", "--output", "site", "--jobs", "1"])

    assert code == 3
    assert "there is nothing at" in capsys.readouterr().err
    assert (here / "site/matrix.json").is_file()


@pytest.mark.parametrize(("words", "code"), [(["nothing.json"], 2), ([str(OLD), "matrix.toml"], 3)])
def test_add_tells_what_it_refused(here, capsys, words, code):
    """
    Nothing added is wrong usage, a part of it is a part.
    """
    assert main(["matrix", "add", *words, "--to", "site"]) == code

    told = capsys.readouterr().err
    assert "1 refused" in told
    assert words[-1] in told


def test_plan_prints_and_writes_nothing(here, capsys):
    """
    A plan goes to standard output.
    """
    assert main(["matrix", "plan", "matrix.toml"]) == 0

    assert capsys.readouterr().out.startswith("Ours\nstatic: 1 releases x 2 hosts")
    assert sorted(path.name for path in here.iterdir()) == ["acme", "matrix.toml"]


@pytest.mark.parametrize(
    ("arguments", "code", "told"),
    [
        (["build", "none.toml"], 2, "'none.toml': No such file"),
        (["build", "matrix.toml", "--output", "matrix.toml"], 3, "cannot write the matrix"),
        (["plan", "acme/pyproject.toml"], 2, "unknown field `project`"),
    ],
)
def test_wrong_usage_is_one_message(here, capsys, arguments, code, told):
    """
    A specification that is none, and a folder that is none, are told without a traceback.
    """
    assert main(["matrix", *arguments]) == code

    assert told in capsys.readouterr().err


@pytest.mark.parametrize("option", [["--date", "tomorrow"], ["--jobs", "0"]])
def test_wrong_values_are_refused(here, capsys, option):
    """
    A date that is none, and no processes at all, are refused before anything is read.
    """
    with pytest.raises(SystemExit) as caught:
        main(["matrix", "build", "matrix.toml", *option])

    assert caught.value.code == 2
    assert repr(option[1]) in capsys.readouterr().err


@pytest.mark.parametrize("document", ["matrix", "matrix-listing"])
def test_schema_of_each_document_is_printed(capsys, document):
    """
    The schema of the matrix, and of the listing beside it, can be had.
    """
    assert main(["schema", document]) == 0

    assert json.loads(capsys.readouterr().out)["title"] == f"hwcheck.{document} 1"
