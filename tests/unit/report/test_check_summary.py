"""What is said of a check as a whole: verdict, exit code, what was left out."""

import pytest

from hwcheck.model.check import Baseline, BaselineKind, Selection, Skipped, SkippedKind
from hwcheck.model.finding import Severity
from hwcheck.report import check_summary as summary

BROKEN_FILE = (Skipped(path="a.py", kind=SkippedKind.SYNTAX, detail="line 1"),)


def severities(make, *found):
    return tuple(make.finding(severity=item) for item in found)


@pytest.mark.parametrize(
    ("found", "changes", "code"),
    [
        ((), {}, 0),
        ((Severity.WARNING,), {}, 0),
        ((Severity.ERROR,), {}, 1),
        ((Severity.WARNING,), {"selection": Selection(fails=Severity.WARNING)}, 1),
        ((Severity.NOTE,), {"selection": Selection(fails=Severity.WARNING)}, 0),
        ((), {"skipped": BROKEN_FILE}, 3),
        ((Severity.ERROR,), {"skipped": BROKEN_FILE}, 1),
        ((), {"files": 0, "uses": 0}, 3),
        ((), {"uses": 0}, 3),
    ],
)
def test_exit_code_is_that_of_what_was_found(make, found, changes, code):
    """
    New findings from the chosen severity on give 1; a partial or empty check is never 0.
    """
    check = make.check(findings=severities(make, *found), **changes)

    assert summary.exit_code(check) == code
    assert summary.exit_meaning(check)


def test_standing_findings_never_count(make):
    """
    What is also wrong on the baseline does not break the new release.
    """
    check = make.check(standing=severities(make, Severity.ERROR))

    assert summary.exit_code(check) == 0
    assert "fits vLLM 0.33.0" in summary.verdict_sentence(make.check_run(check))
    assert any("also on vLLM 0.26.0, not counted: 1 error" in item for item in left(check))


def left(check):
    return list(summary.left_out(check))


@pytest.mark.parametrize(
    ("fits", "said", "code"),
    [
        ("yyy", "fits vLLM 0.1 to 0.3 (3 of 3 known releases)", 0),
        ("yny", "fits vLLM 0.1, 0.3 (2 of 3 known releases)", 0),
        ("nnn", "fits none of 3 known releases of vLLM", 1),
        ("", "was held against no release", 0),
    ],
)
def test_window_is_told_in_spans(make, fits, said, code):
    """
    Releases in a row are told by the first and the last.
    """
    lines = tuple(
        make.window_line(f"0.{number}", *([] if fit == "y" else ["HW101 gone"]))
        for number, fit in enumerate(fits, 1)
    )

    check = make.check(host=None, window=lines)

    assert said in summary.verdict_sentence(make.check_run(check))
    assert summary.exit_code(check) == code


def test_what_was_looked_at_names_the_selection(make):
    """
    Nothing that was left out is left unsaid.
    """
    check = make.check(selection=Selection(select=("HW3",), ignore=("HW302",)), files=1, uses=1)

    assert summary.looked_at(check) == (
        "1 use of vLLM checked in 1 file; only by rules HW3; without rules HW302"
    )


def test_without_a_baseline_the_reason_is_said(make):
    """
    Findings that are held against nothing are not shown as if they were.
    """
    nothing = Baseline(kind=BaselineKind.NONE, host=None, reason="no release is known")

    assert summary.baseline_sentence(make.check(baseline=nothing)) == (
        "held against no other release: no release is known"
    )


def test_empty_check_does_not_claim_to_fit(make):
    """
    A plugin of which nothing was seen neither fits nor breaks.
    """
    run = make.check_run(make.check(files=0, uses=0))

    assert summary.verdict_sentence(run).endswith("nothing was checked")


def test_finding_of_an_unread_file_is_not_told_twice(make):
    """
    That a file was not read stands among the unread files, and not among what breaks.
    """
    unread = make.finding("HW901", "a.py", 1, symbol="")

    assert summary.of_code((unread, make.finding()), make.check(skipped=BROKEN_FILE)) == (
        make.finding(),
    )
