"""A real pytest on a tiny suite."""

import sys
from dataclasses import replace

import pytest

from hwcheck.errors import RunError
from hwcheck.model.contract import Profile
from hwcheck.model.outcome import OutcomeState
from hwcheck.observe.conditions import Conditions
from hwcheck.run.suite import SuiteRequest, run_suite

CONDITIONS = Conditions(pass_environment=("ACME_*",), announced=("ACME_X",))


@pytest.fixture
def request_of(tmp_path, environment):
    """
    Make a request with some fields changed.
    """

    def make(**changes):
        fields = {
            "packages": ("tiny_suite",),
            "platform": "acme",
            "conditions": CONDITIONS,
            "directory": tmp_path / "run",
            "environment": environment,
        }
        return SuiteRequest(**(fields | changes))

    return make


def states(lines):
    return {line.outcome.contract: line.outcome.state for line in lines if line.outcome}


def test_each_outcome_is_followed(request_of):
    """
    Whatever a test does, its outcome comes, and the follower sees every line.
    """
    followed = []

    end = run_suite(request_of(), followed.append)

    assert (end.exit_code, end.interrupted) == (1, False)
    assert tuple(followed) == end.lines
    assert states(end.lines) == {
        "tiny.pass": OutcomeState.PASSED,
        "tiny.fail": OutcomeState.BROKEN,
        "tiny.skip": OutcomeState.NOT_MEASURED,
        "tiny.crash": OutcomeState.HARNESS_ERROR,
    }
    assert end.lines[0].heading.cases == 4
    assert end.lines[-1].finished == 1


def test_profile_is_handed_on(request_of):
    """
    Only the contracts of the profile are run.
    """
    end = run_suite(
        request_of(conditions=replace(CONDITIONS, profiles=(Profile.P1,))), lambda line: None
    )

    assert list(states(end.lines)) == ["tiny.fail"]


def test_package_that_is_not_there_gives_no_heading(request_of):
    """
    pytest's own complaint is kept.
    """
    end = run_suite(request_of(packages=("no_such_suite",)), lambda line: None)

    assert end.exit_code == 4
    assert "no_such_suite" in end.output


def test_interruption_keeps_what_was_recorded(request_of, site):
    """
    Ctrl-C while a test hangs ends pytest, and the outcomes before it remain.
    """
    (site / "tiny_suite" / "test_tiny.py").write_text(
        "import pytest, time\nfrom tiny_suite import contracts\n"
        "@pytest.mark.contract(contracts.PASS)\ndef test_pass(): pass\n"
        "@pytest.mark.contract(contracts.FAIL)\ndef test_hang(): time.sleep(600)\n"
    )

    def interrupt(line):
        if line.outcome is not None:
            raise KeyboardInterrupt

    end = run_suite(request_of(), interrupt)

    assert end.interrupted
    assert end.exit_code is not None
    assert states(end.lines)["tiny.pass"] is OutcomeState.PASSED


def test_follower_that_fails_ends_pytest(request_of, site):
    """
    A fault of ours is passed on, and leaves no process.
    """

    def fail(line):
        raise ValueError("no")

    with pytest.raises(ValueError, match="no"):
        run_suite(request_of(), fail)


def test_record_that_cannot_be_read_is_told(request_of, tmp_path):
    """
    A line that is none of ours is a fault of hwcheck's, with the place.
    """
    (tmp_path / "run").mkdir()
    (tmp_path / "run" / "record.jsonl").write_text("nonsense\n")

    with pytest.raises(RunError, match="a record that cannot be read"):
        run_suite(request_of(), lambda line: None)


def test_interpreter_that_cannot_be_started_is_told(request_of, monkeypatch, tmp_path):
    """
    Without a Python there is no suite.
    """
    monkeypatch.setattr(sys, "executable", str(tmp_path / "none"))

    with pytest.raises(RunError, match="pytest cannot be started"):
        run_suite(request_of(), lambda line: None)
