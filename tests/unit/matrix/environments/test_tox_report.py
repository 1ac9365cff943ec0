"""What is read from the result file of tox."""

import json

import pytest

from hwcheck.matrix.environments.tox_report import read_tox_report


def step(retcode, command=("/env/bin/python", "-m", "pip", "install", "six==99"), **fields):
    return {"command": list(command), "retcode": retcode, "output": "", "err": "", **fields}


@pytest.fixture
def report_of(tmp_path):
    """
    Read the report of one environment, written as tox writes it.
    """

    def read(**entry):
        path = tmp_path / "result.json"
        path.write_text(json.dumps({"testenvs": {"one": entry}}), encoding="utf-8")
        return read_tox_report(path)["one"]

    return read


def test_failing_installation_is_named(report_of):
    """
    A requirement that pip cannot install is the step that failed, with the end of what pip said.
    """
    report = report_of(setup=[step(1, err="no matching distribution")], result={"duration": 2.5})

    assert report.failed_step == "python -m pip install six==99 (exit code 1)"
    assert report.log == "no matching distribution"
    assert report.seconds == 2.5
    assert report.exit_code is None


def test_failing_preparation_is_no_run(report_of):
    """
    The plugin is installed before the run; where that fails, nothing was run.
    """
    report = report_of(setup=[step(0)], test=[step(1, run_id="commands_pre[1]")])

    assert report.failed_step is not None
    assert report.exit_code is None


def test_failing_run_is_no_failure_of_the_environment(report_of):
    """
    What `hwcheck run` ends with is told apart.
    """
    report = report_of(setup=[step(0)], test=[step(3, run_id="commands[0]", err="no vLLM")])

    assert report.failed_step is None
    assert (report.exit_code, report.log) == (3, "no vLLM")


def test_environment_that_was_never_begun(report_of):
    """
    Without any step, as when there is no such interpreter, the environment was not made.
    """
    assert "interpreter" in report_of(setup=[], result={"success": False}).failed_step


@pytest.mark.parametrize("text", ["", "{", "[]", '{"testenvs": [1]}', '{"testenvs": {"a": 1}}'])
def test_damaged_report_is_empty(tmp_path, text):
    """
    A file that tox did not finish tells nothing, and is no crash.
    """
    path = tmp_path / "result.json"
    path.write_text(text, encoding="utf-8")

    assert read_tox_report(path) == {}
    assert read_tox_report(tmp_path / "absent.json") == {}
