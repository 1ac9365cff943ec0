"""Run sessions of pytest, each in a process that is forked off one which has collected the suite.

``suite_server.py ARGUMENT...`` collects with these arguments, then reads one request a line from
standard input and answers with the exit code, until standard input is closed. Imports and rewritten
assertions are what the processes share; each session has a configuration of its own.
"""

import ctypes
import gc
import json
import os
import signal
import sys
import traceback
from collections.abc import Sequence
from dataclasses import dataclass
from typing import NoReturn

import pytest

_PR_SET_PDEATHSIG = 1
_LIBC = ctypes.CDLL(None)


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """One session."""

    arguments: list[str]
    environment: dict[str, str]
    directory: str
    output: str
    """The file that gets all that the session prints."""


def end_with_parent() -> None:
    """Be told to end when whoever started us ends."""
    _LIBC.prctl(_PR_SET_PDEATHSIG, signal.SIGTERM, 0, 0, 0)


def main(arguments: Sequence[str]) -> None:
    """Serve until nobody asks any more.

    Raises SystemExit: the suite cannot be collected.
    """
    # What is printed would be taken for answers.
    answers = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)
    if code := pytest.main([*arguments, "--collect-only", "-q", "-q"]):
        sys.exit(f"the suite cannot be collected: exit {int(code)}")
    gc.collect()
    gc.freeze()
    for line in sys.stdin:
        pid = os.fork()
        if pid == 0:
            _become(Request(**json.loads(line)))
        _, status = os.waitpid(pid, 0)
        print(os.waitstatus_to_exitcode(status), file=answers, flush=True)


def _become(request: Request) -> NoReturn:
    """Be the session that was asked for."""
    code = 1 << 7
    try:
        end_with_parent()
        os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
        output = os.open(request.output, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        os.dup2(output, 1)
        os.dup2(output, 2)
        os.chdir(request.directory)
        os.environ.clear()
        os.environ.update(request.environment)
        code = int(pytest.main(request.arguments))
    except BaseException:
        traceback.print_exc()
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(code)


if __name__ == "__main__":
    main(sys.argv[1:])
