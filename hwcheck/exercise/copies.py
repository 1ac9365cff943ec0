"""Forked copies of the child: each answers questions until it is ended, is lost, or runs late."""

import os
import signal
import warnings
from collections.abc import Callable, Sequence
from importlib import import_module
from multiprocessing.connection import Connection, Pipe, wait
from pathlib import Path
from time import monotonic, sleep
from typing import NoReturn, Self

__all__ = ["Copy", "CopyLost"]

# Taken before the plugin is imported, which may replace them.
_fork, _leave, _kill, _reap = os.fork, os._exit, os.kill, os.waitpid

#: Seconds that a copy is given to leave by itself before it is killed.
_GRACE = 2.0
_LONGEST_TAIL = 400
_LEAVE = "leave"

Handler = Callable[[object], object]


class CopyLost(Exception):
    """A copy died, or gave no answer in time; the message says which, and what it printed."""


class Copy:
    """A forked process with a handler of its own; what it prints goes to a file."""

    def __init__(self, pid: int, connection: Connection, printed: Path) -> None:
        self._pid = pid
        self._connection = connection
        self._printed = printed
        self._status: int | None = None

    @classmethod
    def started(cls, begin: Callable[[], Handler], printed: Path) -> Self:
        """Fork a copy; it calls `begin`, and lets what that returns answer the questions.

        Neither `begin` nor the handler may raise: what they raise ends the copy.
        """
        near, far = Pipe()
        pid = _fork()
        if pid == 0:
            near.close()
            _serve(begin, far, printed)
        far.close()
        return cls(pid, near, printed)

    @classmethod
    def ready(cls, copies: Sequence[Self], limit: float) -> list[Self]:
        """Wait until one has an answer or died, and tell which."""
        found = wait([copy._connection for copy in copies], max(limit, 0.0))
        return [copy for copy in copies if copy._connection in found]

    def ask(self, question: object) -> None:
        """Send a question.

        Raises CopyLost: nobody reads it.
        """
        try:
            self._connection.send(question)
        except OSError as error:
            raise CopyLost(self._how()) from error

    def answer(self, limit: float) -> object:
        """Wait for the answer to the oldest question, ``0`` where :meth:`ready` told of it.

        Raises CopyLost: there is none within `limit` seconds, or the copy died.
        """
        try:
            if not self._connection.poll(limit):
                raise CopyLost(f"gives no answer{self._tail()}")
            return self._connection.recv()
        except (EOFError, OSError) as error:
            raise CopyLost(self._how()) from error

    def end(self) -> None:
        """Let the copy leave, and kill it when it does not."""
        try:
            # Copies that were forked later hold this end as well, so closing it tells nothing.
            self._connection.send(_LEAVE)
            self._left_within(_GRACE)
        except OSError:
            pass
        self.kill()

    def kill(self) -> None:
        """End the copy at once."""
        self._connection.close()
        if self._status is None:
            _kill(self._pid, signal.SIGKILL)
            self._status = _reap(self._pid, 0)[1]

    def _left_within(self, limit: float) -> bool:
        end = monotonic() + limit
        while self._status is None:
            pid, status = _reap(self._pid, os.WNOHANG)
            if pid:
                self._status = status
            elif monotonic() > end:
                return False
            else:
                sleep(0.01)
        return True

    def _how(self) -> str:
        if not self._left_within(_GRACE) or self._status is None:
            return f"stopped answering{self._tail()}"
        code = os.waitstatus_to_exitcode(self._status)
        if code < 0:
            return f"was killed by {signal.Signals(-code).name}{self._tail()}"
        return f"ended with status {code}{self._tail()}"

    def _tail(self) -> str:
        try:
            text = self._printed.read_text(encoding="utf-8", errors="replace").strip()
        except OSError:
            return ""
        # What the interpreter prints when it dies begins with the reason.
        start = text.rfind("Fatal Python error")
        shown = text[start:][:_LONGEST_TAIL] if start >= 0 else text[-_LONGEST_TAIL:]
        return f"; it printed: {shown}" if text else ""


def _serve(begin: Callable[[], Handler], connection: Connection, printed: Path) -> NoReturn:
    status = 1
    try:
        _redirect(printed)
        # Only what tells of a failure is of use.
        warnings.simplefilter("ignore")
        # The threads of the parent's pool do not exist here, and a parallel region that waits
        # for them would wait for ever.
        import_module("torch").set_num_threads(1)
        handle = begin()
        while (question := connection.recv()) != _LEAVE:
            connection.send(handle(question))
        status = 0
    # Whatever it is, the copy must not go on as if it were the child.
    except BaseException as error:
        os.write(2, f"{type(error).__name__}: {error}\n".encode(errors="replace"))
    finally:
        _leave(status)


def _redirect(printed: Path) -> None:
    file = os.open(printed, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    os.dup2(file, 1)
    os.dup2(file, 2)
    os.close(file)
