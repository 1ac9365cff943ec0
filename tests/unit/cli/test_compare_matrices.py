"""``hwcheck compare`` on the folders and documents of matrices."""

import json
from dataclasses import replace
from pathlib import Path

import pytest
from made_matrix import HOSTILE_NAMES, make_matrix

from hwcheck.cli.main import main
from hwcheck.codec_matrix import encode_matrix
from hwcheck.model.matrix_static import StaticState
from hwcheck.model.outcome import OutcomeState

OLD = make_matrix(names=HOSTILE_NAMES, hosts=3, capabilities=3)


@pytest.fixture
def folders(tmp_path):
    """The folders of an old matrix, and of a new one in which one cell more breaks."""
    first, *others = OLD.checks
    worse = replace(first, state=StaticState.BREAKS, errors=first.errors + 1)
    new = replace(OLD, checks=(worse, *others))
    for name, matrix in (("old", OLD), ("new", new)):
        (tmp_path / name).mkdir()
        (tmp_path / name / "matrix.json").write_bytes(encode_matrix(matrix))
    return str(tmp_path / "old"), str(tmp_path / "new")


def test_worse_cell_fails_and_says_which(folders, capsys):
    """
    Exit code 1, plugin, host and both states, and nothing that a terminal would obey.
    """
    assert main(["compare", *folders]) == 1
    told = capsys.readouterr().out
    assert "0.0.0, source, vLLM 0.10.0: fits -> breaks, errors: 1" in told
    assert "1 worse, 0 better, 0 other, 0 new, 0 gone, 0 stale" in told
    assert "\u202e" not in told


def test_better_and_equal_matrices_are_clean(folders, capsys):
    """
    Exit code 0; the document serves as well as its folder.
    """
    old, new = folders

    assert main(["compare", new, old]) == 0
    assert main(["compare", old, f"{old}/matrix.json"]) == 0
    assert "0 worse, 0 better, 0 other" in capsys.readouterr().out


def test_json_holds_all_and_markdown_escapes(folders, capsys):
    """
    Every cell by itself for machines; a table without markup for people.
    """
    main(["compare", *folders, "--format", "json"])
    (change,) = json.loads(capsys.readouterr().out)["changes"]
    assert main(["compare", *folders, "--format", "markdown"]) == 1
    table = capsys.readouterr().out

    assert (change["trend"], change["before"], change["after"]) == (
        "worse",
        "fits",
        "breaks, errors: 1",
    )
    assert "## Worse (1)" in table
    # The name stands between backticks, where markup is none.
    assert "| `<img src=x onerror" in table


@pytest.mark.parametrize("order", [1, -1])
def test_run_and_matrix_cannot_be_compared(folders, stored, capsys, order):
    """
    Wrong usage, whichever is first.
    """
    run = stored("run.json", OutcomeState.PASSED)

    assert main(["compare", *[folders[0], run][::order]]) == 2
    told = capsys.readouterr().err
    assert "they cannot be compared" in told
    assert "give two runs, or two matrices" in told


@pytest.mark.parametrize(
    ("changes", "phrase"),
    [
        ({"version": 9}, "version 9 of 'hwcheck.matrix' at `$.version`"),
        ({"matrix": {"title": 1}}, "$.matrix.title"),
    ],
)
def test_matrix_that_cannot_be_read_is_wrong_usage(folders, tmp_path, capsys, changes, phrase):
    """
    Newer ones and those that were changed by hand are refused with the place.
    """
    path = tmp_path / "new" / "matrix.json"
    path.write_text(json.dumps({**json.loads(path.read_text()), **changes}))

    assert main(["compare", *folders]) == 2
    told = capsys.readouterr().err
    assert "new/matrix.json" in told
    assert phrase in told


def test_folder_without_a_matrix_is_told(folders, tmp_path, capsys):
    """
    It is named with the document that it lacks.
    """
    (tmp_path / "empty").mkdir()

    assert main(["compare", folders[0], str(tmp_path / "empty")]) == 2
    assert "empty/matrix.json': No such file" in capsys.readouterr().err


def test_published_matrix_of_the_first_version_is_compared(capsys):
    """
    A matrix that was published stays comparable.
    """
    stored = str(Path(__file__).parents[2] / "data" / "matrix-1.json")

    assert main(["compare", stored, stored]) == 0
    assert "252 unchanged" in capsys.readouterr().out
