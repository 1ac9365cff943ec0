"""The reply file: a line when a step begins and a line when it ends, flushed at once."""

import faulthandler
import json
import os
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict

from hwcheck.model.observation import Answer, StepName
from hwcheck.probe.attribution import Attribution
from hwcheck.probe.effects import EffectWatch

__all__ = ["FORKED_EXIT", "Reply", "StepFailed"]

#: How a copy of the child leaves that a plugin forked off and that went on as if it were the child.
FORKED_EXIT = 86


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
        self._pid = os.getpid()
        self._open, self._write, self._close = os.open, os.write, os.close
        self._getpid, self._exit = os.getpid, os._exit
        self._clock = time.monotonic

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
        self._line({"phase": "begin", "step": name, "subject": subject, "limit": limit})
        started = self._clock()
        record: dict[str, object] = {"name": name, "subject": subject, "state": "done"}
        with self._hang_is_shown(limit):
            self._watch.begin()
            try:
                answer = action()
            # vLLM itself lets these pass through its own import; here each is a result.
            except BaseException as error:
                answer = None
                record["state"] = "raised"
                record["raised"] = asdict(self._attribution.raised(error))
            effects = self._watch.end()
        record["effects"] = [asdict(effect) for effect in effects]
        record["seconds"] = round(self._clock() - started, 4)
        record["answer"] = None if answer is None else asdict(answer)
        self._line({"phase": "end", "record": _text(record)})
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
        text = json.dumps(head | ({"phase": "forked"} if forked else fields))
        handle = self._open(self._path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
        try:
            self._write(handle, text.encode() + b"\n")
        finally:
            self._close(handle)
        if forked:
            self._exit(FORKED_EXIT)

    @contextmanager
    def _hang_is_shown(self, limit: float) -> Iterator[None]:
        # Shortly before the parent ends the child, the stacks go to stderr: the tail then names
        # the line that hangs. The timer needs no GIL, so a hanging C call is shown as well.
        try:
            faulthandler.dump_traceback_later(limit * 0.9, file=sys.__stderr__ or sys.stderr)
        except (AttributeError, ValueError, OSError):
            pass
        try:
            yield
        finally:
            faulthandler.cancel_dump_traceback_later()


def _text(record: dict[str, object]) -> str:
    # What a plugin says need not be text: lone surrogates would make the line unreadable.
    return json.dumps(record, ensure_ascii=False).encode("utf-8", "replace").decode()
