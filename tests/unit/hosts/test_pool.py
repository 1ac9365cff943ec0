"""Work in several processes, and here where forking is not safe."""

import gc
import os
import threading

import pytest

from hwcheck.errors import HwcheckError
from hwcheck.hosts.pool import Pool


def where(shared, task):
    return shared, task, os.getpid()


def end(shared, task):
    os._exit(7)


def test_results_come_in_order_from_other_processes():
    """
    What is shared goes along with the fork, and results keep the order of the tasks.
    """
    with Pool("shared", processes=2) as pool:
        results = list(pool.results(where, [3, 1, 2]))

    assert [(shared, task) for shared, task, _ in results] == [
        ("shared", 3),
        ("shared", 1),
        ("shared", 2),
    ]
    assert os.getpid() not in {process for _, _, process in results}


@pytest.mark.parametrize(("processes", "tasks"), [(1, [1, 2]), (2, [1]), (2, [])])
def test_little_work_is_done_here(processes, tasks):
    """
    One task, or one process, needs no other; the collector is as before.
    """
    with Pool("shared", processes=processes) as pool:
        results = list(pool.results(where, tasks))

    assert [process for *_, process in results] == [os.getpid()] * len(tasks)
    assert gc.isenabled()


def test_work_is_done_here_while_other_threads_run():
    """
    A fork copies the locks that other threads hold, so there is none.
    """
    done = threading.Event()
    thread = threading.Thread(target=done.wait)
    thread.start()
    try:
        with Pool("shared", processes=2) as pool:
            assert {process for *_, process in pool.results(where, [1, 2])} == {os.getpid()}
    finally:
        done.set()
        thread.join()


def test_process_that_ends_is_told():
    """
    A child that is killed gives one message, not a hanging check.
    """
    with (
        Pool("shared", processes=2) as pool,
        pytest.raises(HwcheckError, match="ended unexpectedly"),
    ):
        list(pool.results(end, [1, 2]))


def test_process_that_ended_before_more_work_is_told():
    """
    Work that is handed to processes that are gone gives the same message.
    """
    with Pool("shared", processes=2) as pool:
        with pytest.raises(HwcheckError, match="ended unexpectedly"):
            list(pool.results(end, [1, 2]))
        with pytest.raises(HwcheckError, match="ended unexpectedly"):
            list(pool.results(where, [3, 4]))
