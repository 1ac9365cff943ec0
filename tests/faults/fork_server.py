"""A Python that is forked, not started: vLLM is imported once for all processes of the probe.

``fork_server.py SOCKET LAUNCHER MODULE...`` imports nothing of vLLM by itself. The first processes,
with `TEACH` in their environment, are forked off a bare interpreter, and tell when they come to
their end what they have imported. Before the next process is forked, the server imports the same
and what its command line names. The plugin's modules are left out, and the probe's: what they do
when they are imported is what is looked at, or depends on the process. Nothing is ever called here,
so every process begins as if it had been started.
"""

import array
import ctypes
import fcntl
import gc
import importlib
import json
import multiprocessing
import os
import runpy
import selectors
import signal
import socket
import sys
import tempfile
import warnings
from collections.abc import Callable, Iterable
from contextlib import suppress
from dataclasses import dataclass
from typing import NoReturn

TEACH = "FORK_SERVER_TEACH"
#: Further beginnings of names that are not taught, for a process that teaches.
UNTAUGHT = "FORK_SERVER_UNTAUGHT"
#: Beginnings of the names of modules that every process imports for itself. Beside numba, vLLM 0.32
#: starts no engine where there is no Triton; what imports it is used by one way of guessing.
NOT_TAUGHT = (
    *("__", "hwcheck", "sitecustomize", "usercustomize"),
    *("numba", "llvmlite", "vllm.v1.spec_decode.ngram_proposer"),
)
TAUGHT = ("hwcheck.exercise.", "hwcheck.model.")
#: Above what a process inherits.
_HIGH = 200
_MOST_HANDLES = 64
_LARGEST_READ = 1 << 20
_PR_SET_PDEATHSIG = 1
_LIBC = ctypes.CDLL(None)


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """What a launcher asks for."""

    arguments: list[str]
    environment: dict[str, str]
    directory: str
    parent: int
    """What the process takes for its parent: whoever started the launcher."""
    handles: list[int]
    """The numbers under which the process gets the files that come with the request."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Running:
    """A process that was forked off."""

    pid: int
    connection: socket.socket
    """To the launcher that waits for it; when the launcher is ended, the process is."""
    lesson: int | None
    """The file in which it tells what it has imported."""


class Server:
    """Forks off a process for every request, until standard input is closed."""

    def __init__(self, path: str, launcher: str, *modules: str) -> None:
        self._modules = modules
        # Before anything is imported: vLLM keeps the command that looks into a model's class.
        sys.executable = launcher
        multiprocessing.set_executable(launcher)
        self._selector = selectors.DefaultSelector()
        self._listener = socket.socket(socket.AF_UNIX)
        self._listener.bind(path)
        self._listener.listen(16)
        self._lessons: list[int] = []
        self._watch(self._listener, self._admit)
        self._watch(0, lambda: os._exit(0))

    def serve(self) -> NoReturn:
        """Answer requests for ever."""
        while True:
            for key, _ in self._selector.select():
                # An earlier event of the same round may have ended what this one is about.
                if key.fd in self._selector.get_map():
                    key.data()

    def _watch(self, file: socket.socket | int, act: Callable[[], None]) -> None:
        self._selector.register(file, selectors.EVENT_READ, act)

    def _admit(self) -> None:
        connection, _ = self._listener.accept()
        request, handles = _receive(connection)
        self._learn()
        lesson = _high(os.memfd_create("lesson")) if TEACH in request.environment else None
        pid = os.fork()
        if pid == 0:
            _become(request, handles, lesson)
        for handle in handles:
            os.close(handle)
        running = Running(pid=pid, connection=connection, lesson=lesson)
        end = os.pidfd_open(pid)
        self._watch(connection, lambda: _end(pid, connection))
        self._watch(end, lambda: self._conclude(running, end))

    def _conclude(self, running: Running, end: int) -> None:
        self._selector.unregister(end)
        self._selector.unregister(running.connection)
        os.close(end)
        _, status = os.waitpid(running.pid, 0)
        if running.lesson is not None:
            self._lessons.append(running.lesson)
        with suppress(OSError):
            running.connection.sendall(f"{status}\n".encode())
        running.connection.close()

    def _learn(self) -> None:
        if not self._lessons:
            return
        # Python would go through half a million objects again and again on the way.
        gc.disable()
        for lesson in self._lessons:
            _import_all(_names_in(lesson))
        self._lessons.clear()
        _import_all(self._modules)
        gc.enable()
        gc.collect()
        gc.freeze()


def _receive(connection: socket.socket) -> tuple[Request, list[int]]:
    data, ancillary, _, _ = connection.recvmsg(
        _LARGEST_READ, socket.CMSG_SPACE(_MOST_HANDLES * array.array("i").itemsize)
    )
    handles = array.array("i")
    for _, _, content in ancillary:
        handles.frombytes(content)
    while not data.endswith(b"\n"):
        data += connection.recv(_LARGEST_READ)
    return Request(**json.loads(data)), [_high(handle) for handle in handles]


def _high(handle: int) -> int:
    """Move a file out of the way of the numbers that a process wants."""
    moved = fcntl.fcntl(handle, fcntl.F_DUPFD_CLOEXEC, _HIGH)
    os.close(handle)
    return moved


def _end(pid: int, connection: socket.socket) -> None:
    """Hand on that the launcher was asked to end; kill where it has ended."""
    asked = b""
    with suppress(OSError):
        asked = connection.recv(_LARGEST_READ)
    with suppress(ProcessLookupError):
        if asked:
            os.kill(pid, signal.SIGTERM)
        else:
            os.killpg(pid, signal.SIGKILL)


def _names_in(lesson: int) -> list[str]:
    with os.fdopen(lesson) as stream:
        stream.seek(0)
        return stream.read().split()


def _import_all(names: Iterable[str]) -> None:
    for name in names:
        # What cannot be imported out of its order is imported by those that need it.
        with suppress(Exception), warnings.catch_warnings(action="ignore"):
            importlib.import_module(name)


def _become(request: Request, handles: list[int], lesson: int | None) -> NoReturn:
    """Be the process that was asked for, as if it had been started."""
    os.setsid()
    _LIBC.prctl(_PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)
    leave, code = os._exit, 1
    try:
        os.closerange(3, _HIGH)
        for number, handle in zip(request.handles, handles, strict=True):
            os.dup2(handle, number)
            os.close(handle)
        os.chdir(request.directory)
        os.environ.clear()
        os.environ.update(request.environment)
        if lesson is not None:
            os._exit = _telling(leave, lesson)  # type: ignore[assignment]
        os.getppid = _told_parent(request.parent)
        if gc.get_freeze_count():
            # vLLM thaws all that is frozen. Each of its many collections would then go through all
            # that the server has imported, and copy the pages on the way: half of the cost of an
            # engine. One that imports all for itself has nothing of the server's to keep.
            gc.freeze = gc.unfreeze = _nothing
        tempfile.tempdir = None
        sys.path[:0] = [item for item in _search_path() if item not in sys.path]
        importlib.invalidate_caches()
        _run(request.arguments)
        code = 0
    except SystemExit as end:
        code = _exit_code(end)
    except BaseException:
        sys.excepthook(*sys.exc_info())  # type: ignore[arg-type]
    finally:
        # As an interpreter does at its end: what is printed to a file or a pipe waits for it.
        with suppress(OSError, ValueError):
            sys.stdout.flush()
            sys.stderr.flush()
        leave(code)


def _exit_code(end: SystemExit) -> int:
    """Return what an interpreter would exit with, and print what it would print."""
    if end.code is None or isinstance(end.code, int):
        return end.code or 0
    sys.stderr.write(f"{end.code}\n")
    return 1


def _nothing() -> None:
    """Leave what the server froze as it is; nothing else is ever frozen."""


def _told_parent(told: int) -> Callable[[], int]:
    own, parent = os.getpid(), os.getppid
    # Its own children see theirs.
    return lambda: told if os.getpid() == own else parent()


def _search_path() -> list[str]:
    return [item for item in os.environ.get("PYTHONPATH", "").split(os.pathsep) if item]


def _telling(leave: Callable[[int], NoReturn], lesson: int) -> Callable[[int], NoReturn]:
    untaught = (*NOT_TAUGHT, *os.environ.get(UNTAUGHT, "").split())

    def tell(code: int) -> NoReturn:
        names = [
            name
            for name in list(sys.modules)
            if name.startswith(TAUGHT) or not name.startswith(untaught)
        ]
        os.write(lesson, "\n".join(names).encode())
        leave(code)

    return tell


def _run(arguments: list[str]) -> None:
    """Do what an interpreter does with ``-m MODULE ARGUMENT...`` or ``-c CODE ARGUMENT...``.

    Raises ValueError: it is neither.
    """
    place = next((n for n, word in enumerate(arguments) if word in ("-m", "-c")), None)
    if place is None:
        raise ValueError(f"only a module or a command can be forked, not {arguments}")
    flag, subject = arguments[place : place + 2]
    sys.argv[:] = [flag, *arguments[place + 2 :]]
    if flag == "-c":
        exec(subject, vars(sys.modules["__main__"]))
    else:
        runpy.run_module(subject, run_name="__main__", alter_sys=True)


if __name__ == "__main__":
    Server(*sys.argv[1:]).serve()
