"""Every built-in reporter over fixed runs, held against golden files."""

import json
import xml.etree.ElementTree as ET

import pytest

from hwcheck.codec import decode_run
from hwcheck.hooks import Reporter
from hwcheck.report.builtin import hwcheck_reporters

RUNS = ("conforming", "broken", "interrupted", "hostile")


def reporter(name):
    """Choose a built-in reporter."""
    return next(item for item in hwcheck_reporters() if item.name == name)


@pytest.mark.parametrize("run", RUNS)
@pytest.mark.parametrize("form", ["terminal", "markdown", "junit"])
def test_rendering_fixed_run_matches_golden_file(form, run, runs, snapshot):
    """
    The text of a fixed run is the one that was approved.
    """
    text = reporter(form).render(runs[run])

    assert snapshot == text


@pytest.mark.parametrize("run", RUNS)
@pytest.mark.parametrize("form", ["terminal", "markdown", "junit", "json"])
def test_rendering_hostile_text_leaves_no_control_characters(form, run, runs):
    """
    Nothing but line ends and the indentation of XML reaches the reader unescaped.
    """
    text = reporter(form).render(runs[run])

    left = {
        character
        for character in text.replace("\n", "").replace("\t", "")
        if not character.isprintable()
    }
    # JSON escapes what could do harm in it and keeps the rest as it is.
    assert left <= ({"\u202e"} if form == "json" else set())


def test_reporters_satisfy_protocol():
    """
    Each built-in reporter is what extensions are asked to return.
    """
    found = tuple(hwcheck_reporters())

    assert all(isinstance(item, Reporter) for item in found)
    assert {item.name: item.suffix for item in found} == {
        "terminal": "txt",
        "json": "json",
        "junit": "xml",
        "markdown": "md",
        "sarif": "sarif",
        "github": "txt",
    }


def test_json_is_read_back_as_the_run(runs):
    """
    The JSON form is the run document itself.
    """
    run = runs["broken"]

    text = reporter("json").render(run)

    assert json.loads(text)["schema"] == "hwcheck.run"
    assert decode_run(text.encode(), "test") == run


@pytest.mark.parametrize("name", RUNS)
def test_junit_counts_agree_with_the_run(name, runs):
    """
    The counts of the XML are those of the outcomes, and a run cut short adds one error.
    """
    run = runs[name]
    states = [str(outcome.state) for outcome in run.outcomes]

    root = ET.fromstring(reporter("junit").render(run))

    assert int(root.get("tests")) == len(states) + (not run.complete)
    assert int(root.get("failures")) == states.count("broken")
    assert int(root.get("errors")) == states.count("harness-error") + (not run.complete)
    assert int(root.get("skipped")) == states.count("not-measured") + states.count("not-applicable")
