"""Forked copies that answer questions."""

import os
import signal
import sys
import time
from types import ModuleType

import pytest

from hwcheck.exercise.copies import Copy, CopyLost


@pytest.fixture(autouse=True)
def one_thread(monkeypatch: pytest.MonkeyPatch) -> None:
    """A torch that can be told how many threads to use, where there is none."""
    torch = ModuleType("torch")
    torch.set_num_threads = lambda count: None
    monkeypatch.setitem(sys.modules, "torch", torch)


def test_copy_answers_in_order(tmp_path):
    """
    Each question gets its answer, made in another process.
    """
    copy = Copy.started(lambda: lambda number: (number * 2, os.getpid()), tmp_path / "out")
    copy.ask(1)
    copy.ask(2)
    first, second = copy.answer(10.0), copy.answer(10.0)
    copy.end()

    assert [first[0], second[0]] == [2, 4]
    assert first[1] != os.getpid()


def test_copy_that_died_tells_how(tmp_path):
    """
    The signal is named, and what was printed is shown.
    """

    def die(question: object) -> object:
        os.write(1, b"no way out")
        os.kill(os.getpid(), signal.SIGKILL)
        return question

    copy = Copy.started(lambda: die, tmp_path / "out")
    copy.ask("anything")

    with pytest.raises(CopyLost, match="was killed by SIGKILL; it printed: no way out"):
        copy.answer(10.0)
    copy.kill()


def test_copy_that_raises_ends_and_tells_why(tmp_path):
    """
    What a handler raises does not make the copy go on as if it were the child.
    """
    copy = Copy.started(lambda: lambda question: 1 // 0, tmp_path / "out")
    copy.ask("anything")

    with pytest.raises(CopyLost, match="ended with status 1; it printed: ZeroDivisionError"):
        copy.answer(10.0)
    copy.kill()


def test_copy_that_is_late_is_lost_and_leaves_nothing(tmp_path):
    """
    No answer in time is told as that, and the process is ended.
    """
    copy = Copy.started(lambda: lambda question: time.sleep(60), tmp_path / "out")
    copy.ask("anything")

    assert Copy.ready([copy], 0.05) == []
    with pytest.raises(CopyLost, match="gives no answer"):
        copy.answer(0.05)
    copy.kill()
    with pytest.raises(ChildProcessError):
        os.waitpid(-1, os.WNOHANG)


def test_copy_that_is_gone_reads_no_question(tmp_path):
    """
    Asking a copy that was killed fails as losing it does.
    """
    copy = Copy.started(lambda: lambda question: question, tmp_path / "out")
    copy.kill()

    with pytest.raises(CopyLost):
        copy.ask("anything")
