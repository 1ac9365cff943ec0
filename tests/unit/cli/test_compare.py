"""``hwcheck compare`` on stored runs."""

import json
from pathlib import Path

import pytest

from hwcheck.cli.main import main
from hwcheck.model.outcome import OutcomeState

DATA = Path(__file__).parents[2] / "data"


@pytest.fixture
def pair(stored):
    """
    An old run that passed, and a new one that is broken.
    """
    return stored("old.json", OutcomeState.PASSED), stored("new.json", OutcomeState.BROKEN)


def test_worse_run_fails_and_says_what(pair, capsys):
    """
    Exit code 1, the case, both states and the reason.
    """
    assert main(["compare", *pair]) == 1
    told = capsys.readouterr().out
    assert "contract load.call[x|y]: passed -> broken" in told
    assert "1 worse, 0 better, 0 other, 0 new, 0 gone, 0 unchanged" in told
    assert "\x1b" not in told


def test_better_and_equal_runs_are_clean(pair, capsys):
    """
    Exit code 0.
    """
    old, new = pair

    assert main(["compare", new, old]) == 0
    assert main(["compare", old, old]) == 0
    assert "1 unchanged" in capsys.readouterr().out


def test_runs_of_different_cases_are_not_clean(stored):
    """
    Nothing was compared, which is no success.
    """
    old = stored("old.json", OutcomeState.PASSED)
    new = stored("new.json", OutcomeState.PASSED, case="z")

    assert main(["compare", old, new]) == 3


def test_markdown_escapes_names(pair, tmp_path):
    """
    A bar in a name ends no cell, and markup is none.
    """
    output = tmp_path / "difference.md"

    assert main(["compare", *pair, "--format", "markdown", "--output", str(output)]) == 1
    (row,) = [line for line in output.read_text().splitlines() if "load.call" in line]
    assert r"`load.call[x\|y]`" in row
    assert "<b>" not in row


def test_json_holds_all_of_it(pair, capsysbinary):
    """
    The same bytes each time.
    """
    main(["compare", *pair, "--format", "json"])
    first = capsysbinary.readouterr().out
    main(["compare", *pair, "--format", "json"])

    assert first == capsysbinary.readouterr().out
    (change,) = json.loads(first)["changes"]
    assert (change["trend"], change["before"], change["after"]) == ("worse", "passed", "broken")


@pytest.mark.parametrize(
    ("text", "phrase"),
    [
        ("", "empty"),
        ("{", "truncated"),
        ('{"schema": "hwcheck.other"}', "'hwcheck.other' at `$.schema`"),
        ("[]", "not as expected"),
        ('{"schema": "hwcheck.run", "version": 99, "run": {}}', "newer hwcheck"),
    ],
)
def test_document_that_is_no_run_is_wrong_usage(pair, tmp_path, capsys, text, phrase):
    """
    The message names the document and what is wrong.
    """
    other = tmp_path / "other.json"
    other.write_text(text)

    assert main(["compare", pair[0], str(other)]) == 2
    told = capsys.readouterr().err
    assert "other.json" in told
    assert phrase in told


def test_missing_document_and_unwritable_output_are_told(pair, capsys):
    """
    One line each, no traceback.
    """
    assert main(["compare", pair[0], "missing.json"]) == 2
    assert "cannot read the run document 'missing.json'" in capsys.readouterr().err
    assert main(["compare", *pair, "--output", "/no/such/folder/x"]) == 3
    assert "cannot write" in capsys.readouterr().err


def test_documents_of_older_versions_are_compared(capsys):
    """
    Each is brought up to date, so that runs of last year serve as the old side.
    """
    old, new = (str(DATA / f"run-{version}.json") for version in (1, 2))

    assert main(["compare", old, new]) in {0, 1, 3}
    assert f"old  {old}: " in capsys.readouterr().out
    assert main(["compare", old, old]) == 0
