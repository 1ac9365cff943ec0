"""Every built-in reporter over fixed checks, held against golden files."""

import xml.etree.ElementTree as ET
from io import StringIO

import pytest
from rich.console import Console

from hwcheck.codec import decode_run
from hwcheck.model.plugin import Problem, ProblemKind
from hwcheck.report.builtin import hwcheck_reporters
from hwcheck.report.check_terminal import print_check
from hwcheck.report.escaping import without_colour

CHECKS = ("fitting", "breaking", "window", "hostile")
FORMS = ("terminal", "markdown", "junit", "sarif", "github")


def render(form, run):
    """Render with the built-in reporter of that name."""
    return next(item for item in hwcheck_reporters() if item.name == form).render(run)


@pytest.mark.parametrize("name", CHECKS)
@pytest.mark.parametrize("form", FORMS)
def test_rendering_fixed_check_matches_golden_file(form, name, checks, snapshot):
    """
    The text of a fixed check is the one that was approved.
    """
    text = render(form, checks[name])

    assert snapshot == text


@pytest.mark.parametrize("form", FORMS)
def test_rendering_hostile_check_leaves_no_control_characters(form, checks):
    """
    Nothing but line ends and the indentation of XML reaches the reader unescaped.
    """
    text = render(form, checks["hostile"])

    left = {item for item in text.replace("\n", "").replace("\t", "") if not item.isprintable()}
    assert left == set()


def test_json_of_a_check_is_read_back(checks):
    """
    The run document holds the whole check, also what is not listed.
    """
    run = checks["breaking"]

    assert decode_run(render("json", run).encode(), "test") == run


def test_markdown_of_a_hostile_check_starts_no_element(checks):
    """
    No tag, no code span that ends early and no mention of a person comes out of a plugin's text.
    """
    text = render("markdown", checks["hostile"])

    outside = "".join(text.split("``")[::2])
    assert "<script" not in outside
    assert "<b>" not in outside


def test_markdown_of_many_findings_fits_into_a_comment(make):
    """
    What there is no room for is named or counted, and the comment stays below GitHub's limit.
    """
    findings = tuple(make.finding(symbol=f"vllm.module_{number}.f") for number in range(2000))

    text = render("markdown", make.check_run(make.check(findings=findings)))

    assert len(text) < 65_536
    shown = text.count("<details>") + text.count("\n- HW302 `")
    assert f"And {2000 - shown} more" in text


def test_markdown_names_a_decorator_without_calling_a_person(make):
    """
    An at sign before a word is kept apart from it.
    """
    found = make.finding(plugin_side="@property def schedule(self)")

    text = render("markdown", make.check_run(make.check(findings=(found,))))

    assert "@property" not in text
    assert "<span>@</span>property" in text


def test_junit_fails_what_decides_the_exit_code(checks):
    """
    Errors are failures, what is only listed is skipped, and an unread file is an error.
    """
    root = ET.fromstring(render("junit", checks["breaking"]))

    assert int(root.get("failures")) == 2
    assert int(root.get("skipped")) == 2
    assert int(root.get("errors")) == 1


def test_junit_of_a_check_of_nothing_is_an_error(make):
    """
    A check that read nothing does not look like one that found nothing.
    """
    root = ET.fromstring(render("junit", make.check_run(make.check(files=0, uses=0))))

    assert int(root.get("errors")) == 1


@pytest.mark.parametrize("form", ["terminal", "markdown"])
def test_problems_of_the_metadata_are_told_with_the_check(form, make):
    """
    What is wrong with a plugin's metadata may be why nothing leads to its code.
    """
    problem = Problem(
        kind=ProblemKind.BAD_ENTRY_POINT, subject="acme", detail="no colon", remedy="write one"
    )

    text = render(form, make.check_run(problems=(problem,)))

    assert "no colon" in text
    assert "write one" in text


def test_console_shows_the_check_in_its_own_width(checks):
    """
    On a terminal the same parts are printed, with colour, in the width that it has.
    """
    stream = StringIO()
    console = Console(file=stream, width=60, force_terminal=True, color_system="standard")

    print_check(checks["breaking"], console)

    text = without_colour(stream.getvalue())
    assert "Breaks (2)" in text
    assert "\x1b[" in stream.getvalue()
    assert max(map(len, text.splitlines())) <= 60


@pytest.mark.parametrize("form", ["sarif"])
def test_form_of_findings_refuses_a_run_without_a_check(form, runs):
    """
    A form that shows findings only says so, instead of showing none.
    """
    with pytest.raises(ValueError, match="holds no check"):
        render(form, runs["conforming"])
