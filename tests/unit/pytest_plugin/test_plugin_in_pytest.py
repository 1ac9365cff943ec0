"""The plugin inside a real pytest: options, cases, selection and the record."""

import os
import subprocess
import sys

import pytest

from hwcheck.codec import decode_line
from hwcheck.model.outcome import OutcomeState
from hwcheck.model.record import RecordLine

SUITE = """
import pytest
from hwcheck.model.contract import Contract, Profile

def contract(id, profile="P0"):
    return pytest.mark.contract(Contract(
        id=id, profile=Profile(profile), title="t", relied_on_by="r", remedy="m"))

@contract("tiny.pass")
def test_pass(target, settings):
    assert target.plugin.name == "acme"
    assert settings.conditions.announced == ("ACME_X",)

@contract("tiny.fail", "P1")
def test_fail(target, platform_point):
    assert platform_point == "nobody"

@contract("tiny.empty")
def test_empty(target, general_point):
    raise ValueError("never")

@contract("tiny.files")
def test_files(compiled_file):
    raise ValueError("never")

@contract("tiny.own")
@pytest.mark.parametrize("point", ["a", "b"])
def test_own(point):
    pass

def test_plain():
    pass
"""


@pytest.fixture
def suite(tmp_path):
    """
    A tree with a host, a plugin and a suite, and a way to run pytest on it.
    """
    for name, points in (("vllm", ""), ("acme", "[vllm.platform_plugins]\nacme = acme:register\n")):
        info = tmp_path / "site" / f"{name}-9.9.dist-info"
        info.mkdir(parents=True)
        (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {name}\nVersion: 9.9\n")
        (info / "entry_points.txt").write_text(points)
    (tmp_path / "site" / "vllm").mkdir()
    (tmp_path / "site" / "vllm" / "__init__.py").write_text("")
    (tmp_path / "test_tiny.py").write_text(SUITE)
    (tmp_path / "pytest.ini").write_text("[pytest]\n")

    def run(*words, platform="acme"):
        done = subprocess.run(
            [
                *(sys.executable, "-P", "-m", "pytest", "-p", "no:cacheprovider", "-q"),
                *("-p", "hwcheck.pytest_plugin", "--hwcheck-announce-env", "ACME_X"),
                *(("--hwcheck-platform", platform) if platform else ()),
                *("--hwcheck-record", "record.jsonl", *words, "test_tiny.py"),
            ],
            cwd=tmp_path,
            env={
                **os.environ,
                "PYTHONPATH": str(tmp_path / "site"),
                "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1",
            },
            capture_output=True,
            text=True,
            check=False,
        )
        record = tmp_path / "record.jsonl"
        lines = record.read_text().splitlines() if record.exists() else []
        return done, [decode_line(line, RecordLine) for line in lines]

    return run


def test_outcomes_are_recorded(suite):
    """
    Heading, each contract once, each outcome, and the end are in the record.
    """
    done, lines = suite()

    outcomes = {line.outcome.id: line.outcome for line in lines if line.outcome}
    assert lines[0].heading.cases == 7
    assert lines[-1].finished == done.returncode == 1
    assert lines[-1].stubbed is None
    assert {name: outcome.state for name, outcome in outcomes.items()} == {
        "tiny.pass": OutcomeState.PASSED,
        "tiny.fail[acme]": OutcomeState.BROKEN,
        "tiny.empty": OutcomeState.NOT_APPLICABLE,
        "tiny.files": OutcomeState.NOT_APPLICABLE,
        "tiny.own[a]": OutcomeState.PASSED,
        "tiny.own[b]": OutcomeState.PASSED,
    }
    assert outcomes["tiny.empty"].reason == "the plugin declares no general entry point"
    assert sum(line.contract is not None for line in lines) == 5


def test_stand_ins_are_told_in_the_last_line(suite):
    """
    Only where they were asked for; here nothing needed one.
    """
    _, asked = suite("--hwcheck-stub-sdk")

    assert asked[-1].stubbed == ()
    assert not any(line.outcome.stubbed for line in asked if line.outcome)


def test_profile_selects_its_contracts(suite):
    """
    Only the contracts of the profile, and tests without a contract, are run.
    """
    done, lines = suite("--hwcheck-profile", "P1")

    assert [line.outcome.contract for line in lines if line.outcome] == ["tiny.fail"]
    assert "5 deselected" in done.stdout


@pytest.mark.parametrize(
    ("words", "phrase"),
    [
        (("--hwcheck-python", "nowhere"), "not an interpreter that can be run"),
        (("--hwcheck-profile", "P7"), "invalid choice"),
        (("--hwcheck-step-limit", "x"), "invalid float value"),
        (("--hwcheck-record", "missing/record"), "--hwcheck-record: missing/record"),
        (("--hwcheck-platform", "acmee"), "nearest: acme"),
    ],
)
def test_wrong_option_is_refused(suite, words, phrase):
    """
    What cannot be done is wrong usage, told without a traceback.
    """
    done, _ = suite(*words)

    assert done.returncode == 4
    assert phrase in done.stdout + done.stderr
    assert "Traceback" not in done.stdout + done.stderr


def test_contracts_of_nobody_are_refused(suite):
    """
    Without a platform there is nothing to check, and that is no success.
    """
    done, _ = suite(platform=None)

    assert done.returncode == 4
    assert "--hwcheck-platform NAME" in done.stdout + done.stderr


def test_marker_without_contract_is_refused(suite, tmp_path):
    """
    A contract marker names a contract.
    """
    (tmp_path / "test_tiny.py").write_text(
        "import pytest\n@pytest.mark.contract('load.call')\ndef test_x(): pass\n"
    )

    done, _ = suite("--hwcheck-profile", "P0")

    assert done.returncode == 4
    assert "the contract marker needs a Contract" in done.stdout + done.stderr
