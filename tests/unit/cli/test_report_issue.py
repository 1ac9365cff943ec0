"""``hwcheck report --format issue`` on stored runs."""

import pytest

from hwcheck.cli.main import main
from hwcheck.model.outcome import OutcomeState

BROKEN = OutcomeState.BROKEN


def test_issue_of_the_only_failure_needs_no_name(stored, capsys):
    """
    The title comes first, and the last pass is found in an older run.
    """
    new = stored("new.json", BROKEN, started="2026-12-02T00:00:00+00:00")
    old = stored("old.json", OutcomeState.PASSED)

    assert main(["report", new, "--format", "issue", "--against", old]) == 0
    told = capsys.readouterr().out
    assert told.startswith("[CI Failure]: hwcheck ")
    assert "passed last" in told
    assert "\x1b" not in told


def test_issue_is_written_to_a_file(stored, tmp_path):
    """
    As every report is.
    """
    output = tmp_path / "issue.md"
    words = ("--format", "issue", "--output", str(output), "--contract", "load.call")

    assert main(["report", stored("new.json", BROKEN), *words]) == 0
    assert "### Name of failing test" in output.read_text()


@pytest.mark.parametrize(
    ("state", "words", "phrase"),
    [
        (OutcomeState.PASSED, ("--format", "issue"), "there is no issue to write"),
        (BROKEN, ("--format", "issue", "--contract", "x"), "name one with --contract: load.call"),
        (BROKEN, ("--format", "issue", "--against", "no.json"), "cannot read the run document"),
        (BROKEN, ("--contract", "load.call"), "go with --format issue only"),
    ],
)
def test_issue_that_cannot_be_written_is_wrong_usage(stored, capsys, state, words, phrase):
    """
    The message says what can be done.
    """
    assert main(["report", stored("new.json", state), *words]) == 2
    assert phrase in capsys.readouterr().err
