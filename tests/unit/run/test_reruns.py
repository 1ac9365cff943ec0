"""Failed contracts examined again, by a real pytest on a tiny suite."""

import pytest

from hwcheck.model.contract import Profile
from hwcheck.model.outcome import OutcomeState, Reruns
from hwcheck.observe.conditions import Conditions
from hwcheck.run.reruns import with_reruns
from hwcheck.run.suite import SuiteEnd, SuiteRequest, run_suite

#: Fails the first and third time that it is run, as a file counts.
TESTS = """
import os, pathlib, pytest
from tiny_suite import contracts

@pytest.mark.contract(contracts.PASS)
def test_pass():
    pass

@pytest.mark.contract(contracts.FAIL)
@pytest.mark.parametrize("point", ["always", "sometimes"])
def test_fail(point):
    count = pathlib.Path(os.environ["COUNT"], point)
    count.write_text((count.read_text() if count.exists() else "") + "x")
    assert point == "sometimes" and len(count.read_text()) % 2 == 0, "no"
"""


@pytest.fixture
def request_(site, environment, tmp_path):
    """
    A run of the tiny suite, in which one case always fails and one every second time.
    """
    (site / "tiny_suite" / "test_tiny.py").write_text(TESTS)
    (tmp_path / "count").mkdir()
    return SuiteRequest(
        packages=("tiny_suite",),
        platform="acme",
        conditions=Conditions(profiles=(Profile.P0, Profile.P1)),
        directory=tmp_path / "run",
        environment={**environment, "COUNT": str(tmp_path / "count")},
    )


def outcomes(end):
    return {line.outcome.id: line.outcome for line in end.lines if line.outcome}


def test_case_that_passes_again_is_flaky_and_one_that_fails_is_broken(request_, tmp_path):
    """
    Both tell their rate, what passed is not run again, and every rerun has its own folder.
    """
    said = []

    end = with_reruns(run_suite(request_, lambda line: None), request_, 3, said.append)

    found = outcomes(end)
    assert {id_: item.state for id_, item in found.items()} == {
        "tiny.pass": OutcomeState.PASSED,
        "tiny.fail[always]": OutcomeState.BROKEN,
        "tiny.fail[sometimes]": OutcomeState.FLAKY,
    }
    assert found["tiny.fail[always]"].reruns == Reruns(times=3, failed=3)
    assert found["tiny.fail[sometimes]"].reruns == Reruns(times=3, failed=1)
    assert found["tiny.pass"].reruns is None
    assert said == [f"rerun {number} of 3: tiny.fail" for number in (1, 2, 3)]
    assert len(list((tmp_path / "run").glob("rerun-*/record.jsonl"))) == 3


def test_run_without_failures_is_not_repeated(request_):
    """
    There is nothing to tell apart.
    """
    end = SuiteEnd(lines=(), exit_code=0, interrupted=False, output="")

    assert with_reruns(end, request_, 3, pytest.fail) is end


def test_interruption_of_a_rerun_keeps_what_was_found(request_):
    """
    The run is then not complete, and what the rerun has shown counts.
    """
    first = run_suite(request_, lambda line: None)

    def interrupted(request, follow):
        return SuiteEnd(lines=(), exit_code=None, interrupted=True, output="")

    end = with_reruns(first, request_, 3, lambda text: None, rerun=interrupted)

    assert end.interrupted
    assert outcomes(end) == outcomes(first)
