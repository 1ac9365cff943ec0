"""A copy of the process for what would change it: forked, asked one thing, and gone."""

import json
import os
import sys
from collections.abc import Callable, Mapping
from dataclasses import asdict
from typing import Any

from hwcheck.model.observation import Raised
from hwcheck.model.outcome import Place
from hwcheck.probe.attribution import Attribution, Relayed
from hwcheck.probe.other_processes import follow
from hwcheck.probe.reply import FORKED_EXIT

__all__ = ["Leave", "asked_of_copy", "read_raised"]

#: Taken before a plugin is loaded, which may put something else in their place.
_fork, _write, _leave, _pipe = os.fork, os.write, os._exit, os.pipe
_getpid, _wait, _open, _close = os.getpid, os.waitpid, os.fdopen, os.close
_set_trace = sys.settrace


#: Answers at once and ends the copy.
Leave = Callable[[list[str]], None]
Question = Callable[[Leave], list[str]]


def asked_of_copy(attribution: Attribution, question: Question) -> list[str]:
    """Ask a copy; the question may answer before it is at its end.

    Raises Relayed: what the copy raised. RuntimeError: it died.
    """
    reader, writer = _pipe()
    parent = _getpid()
    pid = _fork()
    if pid == 0:
        _answer(parent, writer, attribution, question)
    _close(writer)
    with _open(reader, "rb") as pipe:
        data = pipe.read().decode("utf-8", "replace")
    _, status = _wait(pid, 0)
    if not data:
        code = os.waitstatus_to_exitcode(status)
        raise RuntimeError(f"the copy of the process ended with exit code {code}, without a word")
    return _heard(data)


def _answer(
    parent: int,
    writer: int,
    attribution: Attribution,
    question: Question,
) -> None:
    own = _getpid()

    def tell(texts: list[str] | None, raised: Raised | None = None) -> None:
        # Where the plugin forks, its copies come here too.
        if _getpid() == own:
            said = {"texts": texts, "raised": None if raised is None else asdict(raised)}
            _write_all(writer, json.dumps(said).encode("ascii"))
            _leave(0)
        _leave(FORKED_EXIT)

    try:
        _set_trace(None)
        follow(parent)
        tell(question(tell))
    # The copy ends in any case; what ended it is the answer.
    except BaseException as error:
        tell(None, attribution.raised(error))
    finally:
        _leave(FORKED_EXIT)


def _write_all(writer: int, data: bytes) -> None:
    while data:
        data = data[_write(writer, data) :]


def _heard(data: str) -> list[str]:
    said = json.loads(data)
    if said["raised"] is not None:
        raise Relayed(read_raised(said["raised"]))
    return list(said["texts"])


def read_raised(fields: Mapping[str, Any]) -> Raised:
    """Read an exception that a copy described."""
    place = fields["place"]
    return Raised(
        **dict(fields)
        | {
            "trace": tuple(fields["trace"]),
            "place": None if place is None else Place(**place),
        }
    )
