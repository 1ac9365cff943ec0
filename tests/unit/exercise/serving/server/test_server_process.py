"""A server as a process, with small servers in its place."""

import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from hwcheck.exercise.serving.server.free_port import free_port
from hwcheck.exercise.serving.server.server_process import (
    ServerProcess,
    ServerStartFailed,
    first_error,
)

_HOST = "127.0.0.1"
_ANSWERS = """
import http.server, sys
class Handler(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(200 if self.path == "/health" else 404)
        self.end_headers()
        self.wfile.write(b"well")
http.server.HTTPServer(("127.0.0.1", int(sys.argv[1])), Handler).serve_forever()
"""
_DIES = "import sys; print('no such device'); sys.exit(3)"
_IS_SILENT = "import time; print('waiting', flush=True); time.sleep(60)"
_IS_SLOW = "while True: pass"
_IS_DEAF = """
import signal, time
signal.signal(signal.SIGTERM, signal.SIG_IGN)
print("deaf", flush=True)
time.sleep(60)
"""
Start = Callable[[str], ServerProcess]


@pytest.fixture
def start(tmp_path: Path) -> Iterator[Start]:
    """Start a program with a free port as its argument."""
    started = []

    def make(program: str) -> ServerProcess:
        port = free_port(_HOST)
        command = (sys.executable, "-IS", "-c", program, str(port))
        output = tmp_path / "output.txt"
        server = ServerProcess(command, host=_HOST, port=port, environment={}, output=output)
        started.append(server)
        return server

    yield make
    for server in started:
        server.kill()


def test_wait_until_healthy_returns_when_the_server_answers(start: Start) -> None:
    """
    A server that answers is healthy, and other pages than those with 200 are none.
    """
    server = start(_ANSWERS)

    seconds = server.wait_until_healthy(30)

    assert 0 < seconds < 30
    assert server.listens
    assert server.fetch("/health") == "well"
    assert server.fetch("/nothing") is None


def test_wait_until_healthy_tells_how_a_server_died(start: Start) -> None:
    """
    The exit code and the end of the output are told.
    """
    server = start(_DIES)

    with pytest.raises(ServerStartFailed, match=r"(?s)exit code 3 .*no such device"):
        server.wait_until_healthy(30)

    assert not server.is_alive


def test_wait_until_healthy_ends_at_its_limit(start: Start) -> None:
    """
    A server that does not answer is not waited for without end.
    """
    server = start(_IS_SILENT)

    with pytest.raises(ServerStartFailed, match="within 1 s") as caught:
        server.wait_until_healthy(1)

    assert not caught.value.is_slow
    assert server.is_alive
    assert not server.listens


def test_wait_until_healthy_tells_a_server_that_still_works(start: Start) -> None:
    """
    A server that computes when its time is over is slow, and does not hang.
    """
    server = start(_IS_SLOW)

    with pytest.raises(ServerStartFailed) as caught:
        server.wait_until_healthy(1)

    assert caught.value.is_slow


def test_terminate_returns_the_exit_code(start: Start) -> None:
    """
    A server that SIGTERM ends is told by its signal.
    """
    server = start(_ANSWERS)
    server.wait_until_healthy(30)

    code = server.terminate(30)

    assert code == -15
    assert not server.listens


def test_terminate_ends_at_its_limit(start: Start) -> None:
    """
    A server that does not hear SIGTERM has no exit code.
    """
    server = start(_IS_DEAF)
    with pytest.raises(ServerStartFailed):
        server.wait_until_healthy(1)

    assert server.terminate(0.2) is None


def test_first_error_is_that_of_the_process_that_failed_first() -> None:
    """
    What follows from it, and words in the middle of a line, are passed over.
    """
    printed = """\
WARNING an Error: is spoken of
(EngineCore pid=7) ERROR 11-29 21:00:00 [core.py:1] Traceback (most recent call last):
(EngineCore pid=7) ERROR 11-29 21:00:00 [core.py:1] acme.DeviceError: no room for 3 blocks
RuntimeError: Engine core initialization failed.
"""

    assert first_error(printed) == "acme.DeviceError: no room for 3 blocks"
    assert first_error("all is well") is None
