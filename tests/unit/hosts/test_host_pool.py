"""Work spread over processes."""

import os
import threading

import pytest

from hwcheck.errors import HwcheckError
from hwcheck.hosts.pool import spread


def add(shared, task):
    return os.getpid(), shared + task


def leave(shared, task):
    os._exit(shared)


@pytest.mark.parametrize("processes", [1, 2])
def test_results_come_in_the_order_of_the_tasks(processes):
    """
    However many processes work, and also where forking is not safe.
    """
    found = [result for _, result in spread(add, 1, range(9), processes=processes)]

    assert found == list(range(1, 10))


def test_with_other_threads_the_work_is_done_here():
    """
    A process with threads is not forked.
    """
    ended = threading.Event()
    thread = threading.Thread(target=ended.wait)
    thread.start()
    try:
        found = {process for process, _ in spread(add, 1, range(9), processes=2)}
    finally:
        ended.set()
        thread.join()

    assert found == {os.getpid()}


def test_process_that_ends_is_an_error():
    """
    A killed process does not leave a part of the results as if it were all.
    """
    with pytest.raises(HwcheckError, match="ended unexpectedly"):
        list(spread(leave, 3, range(4), processes=2))
