"""From the words of `hwcheck run` to its settings."""

import argparse
import sys
from datetime import date
from pathlib import Path

import pytest

from hwcheck.cli import run
from hwcheck.contain.exchange import Limits
from hwcheck.errors import UsageError
from hwcheck.model.contract import Profile
from hwcheck.observe.conditions import OPERATORS
from hwcheck.registry import load_registry


def settings_of(*words):
    parser = argparse.ArgumentParser()
    run.add_parser(parser.add_subparsers(), load_registry(extensions=False))
    return run._settings(parser.parse_args(["run", *words]))


def test_defaults_are_those_of_the_containment():
    """
    Without options every profile is run, by this interpreter.
    """
    settings = settings_of("acme")

    assert (settings.target, settings.conditions.python) == ("acme", sys.executable)
    assert (settings.conditions.profiles, settings.conditions.limits) == ((), Limits())
    assert (settings.conditions.groups, settings.conditions.seed) == ((), 0)
    assert not settings.conditions.stub_sdk
    assert (settings.format, settings.output, settings.keep) == ("terminal", None, None)
    assert settings.words == ()


def test_options_become_settings():
    """
    Each option reaches its field, and those that change the result are repeated.
    """
    words = (
        "--ops",
        "--stub-sdk",
        "--seed",
        "7",
        "--profile",
        "P0",
        "--pass-env",
        "ACME_*",
        "--announce-env",
        "ACME_X",
    )

    settings = settings_of(
        "acme",
        *words,
        *("--step-limit", "2.5", "--start-limit", "7", "--memory-limit", "0.5"),
        *("--format", "json", "--output", "out", "--keep", "kept", "--report-only"),
    )

    conditions = settings.conditions
    assert conditions.profiles == (Profile.P0,)
    assert conditions.limits == Limits(start=7.0, step=2.5, memory=2**29)
    assert (conditions.pass_environment, conditions.announced) == (("ACME_*",), ("ACME_X",))
    assert (conditions.groups, conditions.stub_sdk, conditions.seed) == ((OPERATORS,), True, 7)
    assert (settings.output, settings.keep) == (Path("out"), Path("kept"))
    assert settings.report_only
    assert settings.words == (
        *words,
        *("--step-limit", "2.5", "--start-limit", "7", "--memory-limit", "0.5"),
    )


@pytest.mark.parametrize("option", ["--step-limit", "--start-limit", "--memory-limit"])
@pytest.mark.parametrize("value", ["x", "-1", "0", "nan", "inf", "-inf", "1e400", "", "1e6"])
def test_number_that_is_no_limit_is_wrong_usage(capsys, option, value):
    """
    The message quotes what was given.
    """
    with pytest.raises(SystemExit, match="2"):
        settings_of("acme", f"{option}={value}")

    assert f"{value!r} is not a positive number" in capsys.readouterr().err


def test_python_that_is_not_there_is_wrong_usage(tmp_path):
    """
    It is refused before anything is imported.
    """
    with pytest.raises(UsageError, match=r"--python: .* is not an interpreter"):
        settings_of("acme", "--python", str(tmp_path / "none"))


def test_python_of_an_environment_keeps_its_name(tmp_path, monkeypatch):
    """
    Its link is not followed, since it says which environment is meant.
    """
    (tmp_path / "python").symlink_to(sys.executable)
    monkeypatch.chdir(tmp_path)

    settings = settings_of("acme", "--python", "./python")

    assert settings.conditions.python == str(tmp_path / "python")
    assert settings.words == ("--python", "./python")


def test_reruns_waivers_and_day_become_settings():
    """
    Those that change what is found are in the command that repeats the run; a day is not.
    """
    settings = settings_of("acme", "--reruns", "3", "--config", "w.toml", "--today", "2026-12-01")

    assert (settings.reruns, settings.config) == (3, Path("w.toml"))
    assert settings.today == date(2026, 12, 1)
    assert settings.words == ("--reruns", "3", "--config", "w.toml")


@pytest.mark.parametrize(
    ("words", "phrase"),
    [
        (("--reruns", "-1"), "is not a number from 0 to 100"),
        (("--reruns", "101"), "is not a number from 0 to 100"),
        (("--reruns", "two"), "is not a number from 0 to 100"),
        (("--today", "soon"), "is no date such as 2027-01-31"),
    ],
)
def test_wrong_numbers_and_days_are_refused(words, phrase, capsys):
    """
    The message says what is taken.
    """
    with pytest.raises(SystemExit) as end:
        settings_of("acme", *words)

    assert end.value.code == 2
    assert phrase in capsys.readouterr().err
