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
from types import TracebackType
from typing import Generic, TypeVar, cast

from hwcheck.errors import HwcheckError

__all__ = ["Pool", "without_collection"]

Shared = TypeVar("Shared")
Task = TypeVar("Task")
Result = TypeVar("Result")


class _Child:
    """What a child process was given when it was started."""

    shared: object = None


class Pool(Generic[Shared]):
    """Processes that are started when there is work for more than one, and kept until the end.

    What they share is not copied: they are forked with it, and keep what they add to it. Where
    forking is not safe (other threads run, another system than Linux) the work is done here.
    """

    def __init__(self, shared: Shared, *, processes: int) -> None:
        self._shared = shared
        self._processes = min(processes, os.cpu_count() or 1)
        self._executor: ProcessPoolExecutor | None = None

    def results(
        self, function: Callable[[Shared, Task], Result], tasks: Sequence[Task]
    ) -> Iterator[Result]:
        """Give the results in the order of the tasks, each as soon as those before are there.

        Raises HwcheckError: a process ended unexpectedly.
        """
        executor = self._started(len(tasks))
        if executor is None:
            for task in tasks:
                with without_collection():
                    result = function(self._shared, task)
                yield result
            return
        waiting: list[Future[Result]] = []
        try:
            # A process that has ended by now makes this fail already.
            waiting += [executor.submit(_work, function, task) for task in tasks]
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

    def close(self) -> None:
        """End the processes."""
        if self._executor is not None:
            self._executor.shutdown(cancel_futures=True)
            self._executor = None

    def __enter__(self) -> "Pool[Shared]":
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def _started(self, tasks: int) -> ProcessPoolExecutor | None:
        if self._executor is None and min(self._processes, tasks) > 1 and _can_fork():
            self._executor = ProcessPoolExecutor(
                max_workers=self._processes,
                mp_context=multiprocessing.get_context("fork"),
                initializer=_begin,
                initargs=(self._shared,),
            )
        return self._executor


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
    gc.freeze()  # what came with the fork is never garbage here
    gc.disable()
    warnings.simplefilter("ignore")  # the sources' own, about their escapes
    _Child.shared = shared


def _work(function: Callable[[Shared, Task], Result], task: Task) -> Result:
    return function(cast("Shared", _Child.shared), task)
