"""What is left of workers."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from hwcheck.exercise.serving.leftovers import held_now
from hwcheck.exercise.serving.parallel.departure import Present, judged_departure, present
from hwcheck.model.examination import CaseState

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="it reads /proc")


@pytest.fixture
def worker():
    process = subprocess.Popen([sys.executable, "-IS", "-c", "input()"], stdin=subprocess.PIPE)
    yield process
    process.kill()
    process.wait()
    process.stdin.close()


def states(cases) -> dict[str, CaseState]:
    return {case.name: case.state for case in cases}


def test_workers_that_end_leave_nothing(worker):
    """
    All kinds are kept once the process is gone.
    """
    during = present(os.getpid(), [worker.pid])
    before = held_now()

    def stop():
        worker.kill()
        worker.wait()

    assert [item.id for item in during.workers] == [worker.pid]
    assert set(states(judged_departure(during, before, stop)).values()) == {CaseState.KEPT}


def test_worker_that_stays_is_told_and_ended(worker):
    """
    It is left for a while, and not for ever.
    """
    during = present(os.getpid(), [worker.pid])

    found = states(judged_departure(during, held_now(), lambda: None, grace=0.1))

    assert found["processes"] is CaseState.BROKEN
    assert worker.wait(5) < 0


def test_file_that_stays_is_told_and_removed(tmp_path: Path):
    """
    It was the worker's, so it goes.
    """
    file = tmp_path / "left"
    file.touch()
    during = Present(workers=(), files=frozenset({str(file)}))

    found = states(judged_departure(during, held_now(), lambda: None))

    assert found["shared-memory"] is CaseState.BROKEN
    assert not file.exists()


def test_file_of_what_was_killed_for_being_late_is_no_fault(tmp_path: Path):
    """
    It is removed all the same.
    """
    file = tmp_path / "left"
    file.touch()
    during = Present(workers=(), files=frozenset({str(file)}))

    found = states(judged_departure(during, held_now(), lambda: None, patience=0.0))

    assert found["shared-memory"] is CaseState.NOT_MEASURED
    assert not file.exists()


def test_process_that_is_not_ours_is_no_worker():
    """
    A number that a worker told of another machine's process, or of none, is passed over.
    """
    assert present(os.getpid(), [1]).workers == ()
