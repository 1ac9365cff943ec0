"""A server as a process: started on a free port, waited for, and ended; never without a limit."""

import re
import signal
import socket
import subprocess
import urllib.error
import urllib.request
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from time import monotonic, sleep

from hwcheck.exercise.serving.server.process_tree import computing

__all__ = ["ServerProcess", "ServerStartFailed", "first_error"]

_PAUSE = 0.05
_ANSWER_LIMIT = 10.0
#: Seconds in which a server that is late is seen to work or to wait.
_WATCHED = 2.0
_LONGEST_TAIL = 600
_LONGEST_LINE = 300
#: The last line of a traceback, behind what a server puts before the lines of its processes.
_ERROR = re.compile(
    r"(?:^|[\])] )((?:\w+\.)*\w*(?:Error|Exception|Exit|Interrupt): .*)$", re.MULTILINE
)


class ServerStartFailed(Exception):
    """A server did not come up; the message says how it failed, with the end of its output."""

    def __init__(self, reason: str, *, is_slow: bool = False) -> None:
        super().__init__(reason)
        self.is_slow = is_slow
        """Whether it was still at work when its time was over."""


def first_error(printed: str) -> str | None:
    """Find the error that came first: those behind it, of other processes, follow from it."""
    found = _ERROR.search(printed)
    return None if found is None else found[1][:_LONGEST_LINE].strip()


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
    def is_computing(self) -> bool:
        """Watch it for a moment: whether any of its processes is at work."""
        return computing(self.id, _WATCHED)

    @property
    def printed(self) -> str:
        """The first error that it has printed, and the end."""
        text = self._output.read_bytes().decode(errors="replace")
        error = first_error(text)
        told = "" if error is None else f"its first error is {error}; "
        return f"{told}it printed last: {text[-_LONGEST_TAIL:].strip()}"

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
                    f"{seconds:.0f} s; {self.printed}"
                )
            if self.fetch("/health") is not None:
                return monotonic() - self._begun
            sleep(_PAUSE)
        raise ServerStartFailed(
            f"vllm serve does not answer /health within {limit:.0f} s (more with --step-limit); "
            f"{self.printed}",
            is_slow=self.is_computing,
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
