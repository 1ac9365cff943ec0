"""From the words of `hwcheck check` to its settings."""

import argparse
from pathlib import Path

import pytest

from hwcheck.cli import check
from hwcheck.cli.main import main
from hwcheck.model.check import Selection
from hwcheck.model.finding import Severity
from hwcheck.registry import load_registry


def settings_of(*words):
    parser = argparse.ArgumentParser()
    check.add_parser(parser.add_subparsers(), load_registry(extensions=False))
    return check._settings(parser.parse_args(["check", *words]))


def test_defaults_ask_for_the_window():
    """
    Without options there is no host, errors decide, warnings are listed too.
    """
    settings = settings_of("acme")

    assert (settings.target, settings.host, settings.baseline) == ("acme", None, None)
    assert settings.selection == Selection(lists=Severity.WARNING, fails=Severity.ERROR)
    assert settings.cache
    assert settings.words == ()


def test_options_become_settings():
    """
    Each option reaches its field, and those that change the result are repeated.
    """
    words = (
        *("--from", "0.26.0", "--host", "0.33.0", "--severity", "note", "--gate", "is_new"),
        *("--select", "hw1, HW3", "--ignore", "HW302", "--window", "--show-standing"),
    )

    settings = settings_of(
        "acme",
        *words,
        *("--format", "sarif", "--output", "out", "--no-cache", "--jobs", "3", "--report-only"),
    )

    assert (settings.baseline, settings.host, settings.window) == ("0.26.0", "0.33.0", True)
    assert settings.selection == Selection(
        select=("HW1", "HW3"),
        ignore=("HW302",),
        lists=Severity.NOTE,
        fails=Severity.NOTE,
        standing=True,
    )
    assert (settings.gates, settings.jobs, settings.cache) == (("is_new",), 3, False)
    assert (settings.format, settings.output) == ("sarif", Path("out"))
    assert settings.report_only
    assert settings.words == words


@pytest.mark.parametrize("value", ["0", "-1", "x", "", "1e3", "257"])
def test_number_of_jobs_that_is_none_is_wrong_usage(capsys, value):
    """
    Only whole numbers in a sane span are taken.
    """
    with pytest.raises(SystemExit) as end:
        main(["check", "acme", "--jobs", value])

    assert end.value.code == 2
    assert "is not a number from 1 to 256" in capsys.readouterr().err


@pytest.mark.parametrize("form", ["sarif"])
def test_run_does_not_offer_forms_of_findings_only(capsys, form):
    """
    A conformance run has no findings to show in them.
    """
    with pytest.raises(SystemExit) as end:
        main(["run", "acme", "--format", form])

    assert end.value.code == 2
    assert "invalid choice" in capsys.readouterr().err
