"""The reply file: a line when a step begins and a line when it ends, flushed at once."""

import faulthandler
import fcntl
import json
import os
import signal
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import asdict

from hwcheck.model.observation import Answer, StepName
from hwcheck.probe.attribution import Attribution
from hwcheck.probe.effects import EffectWatch

__all__ = ["FORKED_EXIT", "Reply", "StepFailed"]

#: How a copy of the child leaves that a plugin forked off and that went on as if it were the child.
FORKED_EXIT = 86

#: Not blocking: a plugin can put a pipe in the place of the file.
_APPEND = os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_CLOEXEC | os.O_NONBLOCK
_STDERR = 2
_TRIES = 3
#: Above what a plugin that closes "all" files usually reaches.
_RESERVE = 900


class StepFailed(Exception):
    """A step raised; it is recorded already, and what depends on it cannot be done."""


class Reply:
    """Writes the reply lines of one child.

    Nothing that the plugin does to `os`, `sys` or the standard streams keeps it from writing:
    the functions are taken before the plugin is loaded, and the file is opened anew each time.
    """

    def __init__(self, path: str, nonce: str, watch: EffectWatch, attribution: Attribution) -> None:
        self._path = path
        self._nonce = nonce
        self._watch = watch
        self._attribution = attribution
        self._sequence = 0
        self._step = ""
        self._pid = os.getpid()
        self._open, self._write, self._close, self._stat = os.open, os.write, os.close, os.fstat
        self._getpid, self._exit = os.getpid, os._exit
        self._clock = time.monotonic
        self._json, self._asdict = json.dumps, asdict
        self._show_hang = faulthandler.dump_traceback_later
        self._cancel_showing = faulthandler.cancel_dump_traceback_later
        self._recursion = sys.getrecursionlimit()
        self._set_recursion = sys.setrecursionlimit
        self._tracing = (
            (sys.gettrace, sys.settrace, sys.gettrace()),
            (sys.getprofile, sys.setprofile, sys.getprofile()),
        )
        self._handler_of, self._handle = signal.getsignal, signal.signal
        self._on_child = signal.getsignal(signal.SIGCHLD) or signal.SIG_DFL
        self._reserve = self._open_reserve()
        self._identity = self._identity_of(self._reserve)

    def take(
        self,
        name: StepName,
        action: Callable[[], Answer | None],
        *,
        subject: str = "",
        limit: float,
    ) -> Answer | None:
        """Take one step and record how it ended.

        Raises StepFailed: the step raised anything, `SystemExit` and `KeyboardInterrupt` included.
        """
        self._step = str(name)
        self._line({"phase": "begin", "step": name, "subject": subject, "limit": limit})
        started = self._clock()
        record: dict[str, object] = {"name": name, "subject": subject, "state": "done"}
        with self._hang_is_shown(limit):
            self._watch.begin()
            answer, failure = None, None
            try:
                answer = action()
                record["answer"] = None if answer is None else self._asdict(answer)
            # vLLM itself lets these pass through its own import; here each is a result.
            except BaseException as error:
                failure = error
            for _ in range(_TRIES):
                # A tracer of the plugin's own can raise in any call of ours, but only once.
                try:
                    self._regain()
                    break
                except BaseException as error:
                    failure = failure or error
            if failure is not None:
                record["state"] = "raised"
                record["raised"] = self._asdict(self._attribution.raised(failure))
            effects = self._watch.end()
        record["effects"] = [self._asdict(effect) for effect in effects]
        record["seconds"] = round(self._clock() - started, 4)
        self._line({"phase": "end", "record": self._text(record)})
        if record["state"] == "raised":
            raise StepFailed(name)
        return answer

    def finish(self) -> None:
        """Say that the child came to its own end, and leave without running exit handlers."""
        self._line({"phase": "finish"})
        self._exit(0)

    def _line(self, fields: dict[str, object]) -> None:
        forked = self._getpid() != self._pid
        self._sequence += 1
        head = {"nonce": self._nonce, "sequence": self._sequence}
        if forked:
            fields = {"phase": "forked", "step": self._step}
        data = self._text(head | fields).encode() + b"\n"
        try:
            handle = self._open(self._path, _APPEND, 0o600)
        except OSError:
            # No handle is to be had, or the folder is gone. What a plugin closed may be
            # another file by now.
            if self._identity_of(self._reserve) != self._identity:
                raise
            self._write(self._reserve, data)
        else:
            try:
                self._write(handle, data)
            finally:
                self._close(handle)
        if forked:
            self._exit(FORKED_EXIT)

    def _open_reserve(self) -> int:
        handle = self._open(self._path, _APPEND, 0o600)
        try:
            reserve = fcntl.fcntl(handle, fcntl.F_DUPFD_CLOEXEC, _RESERVE)
        except OSError:
            # The limit of open files is lower than that.
            return handle
        self._close(handle)
        return reserve

    def _identity_of(self, handle: int) -> tuple[int, int] | None:
        try:
            found = self._stat(handle)
        except OSError:
            return None
        return found.st_dev, found.st_ino

    def _regain(self) -> None:
        # What a plugin left here would act on our own lines as well.
        for now, change, before in self._tracing:
            if now() is not before:
                change(before)  # type: ignore[arg-type]
        with suppress(RecursionError, ValueError):
            self._set_recursion(self._recursion)
        # The processes that we start end at any time, even while a line is being written. Other
        # signals are not of our making.
        handler = self._handler_of(signal.SIGCHLD)
        if handler is not None and handler is not self._on_child:
            self._handle(signal.SIGCHLD, self._on_child)

    @contextmanager
    def _hang_is_shown(self, limit: float) -> Iterator[None]:
        # Shortly before the parent ends the child, the stacks go to stderr: the tail then names
        # the line that hangs. The timer needs no GIL, so a hanging C call is shown as well.
        with suppress(ValueError, OSError, RuntimeError):
            self._show_hang(limit * 0.9, file=_STDERR)
        try:
            yield
        finally:
            # In a copy it would wait for ever, for a thread that was not copied.
            if self._getpid() == self._pid:
                self._cancel_showing()

    def _text(self, record: dict[str, object]) -> str:
        # What a plugin says need not be text: lone surrogates would make the line unreadable.
        return self._json(record, ensure_ascii=False).encode("utf-8", "replace").decode()
