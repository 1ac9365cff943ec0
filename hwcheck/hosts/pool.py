"""Work spread over processes where that is safe, and done here where it is not."""

import gc
import multiprocessing
import os
import sys
import threading
import warnings
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager
from typing import TypeVar, cast

from hwcheck.errors import HwcheckError

__all__ = ["spread", "without_collection"]

Shared = TypeVar("Shared")
Task = TypeVar("Task")
Result = TypeVar("Result")


class _Worker:
    """What a child process was given when it was started."""

    shared: object = None


def spread(
    function: Callable[[Shared, Task], Result],
    shared: Shared,
    tasks: Sequence[Task],
    *,
    processes: int,
) -> Iterator[Result]:
    """Give the results in the order of the tasks, each as soon as it and those before are there.

    `shared` is not copied: children are forked with it. Where forking is not safe (other threads
    run, another system than Linux) or not worth it, the work is done in this process.
    """
    count = min(processes, len(tasks), os.cpu_count() or 1)
    if count < 2 or not _can_fork():
        with without_collection():
            for task in tasks:
                yield function(shared, task)
        return
    context = multiprocessing.get_context("fork")
    with ProcessPoolExecutor(
        max_workers=count, mp_context=context, initializer=_begin, initargs=(shared,)
    ) as pool:
        waiting: list[Future[Result]] = [pool.submit(_work, function, task) for task in tasks]
        try:
            for future in waiting:
                yield future.result()
        except BrokenProcessPool as error:
            raise HwcheckError(
                "a process of the check ended unexpectedly\n"
                "  it may have been short of memory: try again with fewer processes"
            ) from error
        finally:
            for future in waiting:
                future.cancel()


@contextmanager
def without_collection() -> Iterator[None]:
    """Keep the collector of cycles out of work that makes millions of small records."""
    was_enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_enabled:
            gc.enable()


def _can_fork() -> bool:
    return sys.platform == "linux" and threading.active_count() == 1


def _begin(shared: object) -> None:
    gc.disable()
    warnings.simplefilter("ignore")  # the sources' own, about their escapes
    _Worker.shared = shared


def _work(function: Callable[[Shared, Task], Result], task: Task) -> Result:
    return function(cast("Shared", _Worker.shared), task)
