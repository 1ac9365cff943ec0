"""A server as a process: started on a free port, waited for, and ended; never without a limit."""

import signal
import socket
import subprocess
import urllib.error
import urllib.request
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from time import monotonic, sleep

__all__ = ["ServerProcess", "ServerStartFailed", "free_port"]

_PAUSE = 0.05
_ANSWER_LIMIT = 10.0
_LONGEST_TAIL = 1500


class ServerStartFailed(Exception):
    """A server did not come up; the message says how it failed, with the end of its output."""


def free_port(host: str) -> int:
    """Return a port that nobody listened on a moment ago."""
    with socket.socket() as probe:
        probe.bind((host, 0))
        port: int = probe.getsockname()[1]
        return port


class ServerProcess:
    """One server; it stays in the caller's process group, so that who ends that ends it too."""

    def __init__(
        self,
        command: Sequence[str],
        *,
        host: str,
        port: int,
        environment: Mapping[str, str],
        output: Path,
    ) -> None:
        self._address = (host, port)
        self._output = output
        self._begun = monotonic()
        with output.open("wb") as stream:
            self._process = subprocess.Popen(
                list(command),
                env=dict(environment),
                stdin=subprocess.DEVNULL,
                stdout=stream,
                stderr=subprocess.STDOUT,
            )

    @property
    def id(self) -> int:
        """The id of its first process."""
        return self._process.pid

    @property
    def is_alive(self) -> bool:
        """Whether its first process runs."""
        return self._process.poll() is None

    @property
    def tail(self) -> str:
        """The end of what it has printed."""
        data = self._output.read_bytes()[-_LONGEST_TAIL:]
        return data.decode(errors="replace").strip()

    @property
    def listens(self) -> bool:
        """Whether anybody accepts connections on its port."""
        with suppress(OSError), socket.create_connection(self._address, _ANSWER_LIMIT):
            return True
        return False

    def fetch(self, path: str) -> str | None:
        """Return what it answers with 200 to a plain request, ``None`` for all else."""
        host, port = self._address
        # A proxy that the environment names is for other addresses.
        opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
        try:
            with opener.open(f"http://{host}:{port}{path}", timeout=_ANSWER_LIMIT) as answer:
                content: bytes = answer.read()
                return content.decode(errors="replace") if answer.status == 200 else None
        except (OSError, urllib.error.URLError):
            return None

    def wait_until_healthy(self, limit: float) -> float:
        """Wait until ``/health`` answers, and return the seconds since the start.

        Raises ServerStartFailed: it ended, or does not answer within `limit`.
        """
        while (seconds := monotonic() - self._begun) < limit:
            if not self.is_alive:
                raise ServerStartFailed(
                    f"vllm serve ended with exit code {self._process.returncode} after "
                    f"{seconds:.0f} s; it printed last: {self.tail}"
                )
            if self.fetch("/health") is not None:
                return monotonic() - self._begun
            sleep(_PAUSE)
        raise ServerStartFailed(
            f"vllm serve does not answer /health within {limit:.0f} s (more with --step-limit); "
            f"it printed last: {self.tail}"
        )

    def terminate(self, limit: float) -> int | None:
        """Ask it to end with SIGTERM; return its exit code, ``None`` if it does not end."""
        with suppress(ProcessLookupError):
            self._process.send_signal(signal.SIGTERM)
        try:
            return self._process.wait(limit)
        except subprocess.TimeoutExpired:
            return None

    def kill(self) -> None:
        """End its first process at once."""
        self._process.kill()
        self._process.wait()
