"""The suite, run on observations that were made elsewhere."""

import json
import os
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from threading import Lock

from suite_server import Request

HERE = Path(__file__).parent
#: A session ends with one of these when it has said all.
TOLD = (0, 1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Session:
    """A session of pytest that has ended."""

    code: int
    output: str


class Suite:
    """Sessions of the suite for one platform, one at a time, forked off a server that ends with us.

    Raises RuntimeError: the server has ended.
    """

    def __init__(self, platform: str, folder: Path) -> None:
        self._platform = platform
        self._folder = folder
        self._lock = Lock()
        base = folder / "suite"
        base.mkdir()
        self._server = subprocess.Popen(
            [sys.executable, "-P", str(HERE / "suite_server.py"), *self._arguments(base)],
            env=self._environment({}),
            cwd=base,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )

    def run(self, folder: Path, variables: Mapping[str, str], *options: str) -> Session:
        """Do one session in a folder of its own."""
        folder.mkdir(exist_ok=True)
        output = folder / "session.txt"
        request = Request(
            arguments=[*self._arguments(folder), *options],
            environment=self._environment(variables),
            directory=str(folder),
            output=str(output),
        )
        told = self._ask(json.dumps(asdict(request)))
        return Session(code=int(told), output=output.read_text("utf-8", "replace"))

    def close(self) -> None:
        """End the server, and the session that it waits for."""
        self._server.kill()
        self._server.wait()

    def _ask(self, line: str) -> str:
        assert self._server.stdin is not None
        assert self._server.stdout is not None
        with self._lock:
            try:
                self._server.stdin.write(line + "\n")
                self._server.stdin.flush()
            except BrokenPipeError as error:
                raise RuntimeError("the server of the suite has ended") from error
            answer = self._server.stdout.readline()
        if not answer:
            raise RuntimeError("the server of the suite has ended")
        return answer

    def _arguments(self, folder: Path) -> list[str]:
        settings = folder / "pytest.ini"
        settings.write_text("[pytest]\n", encoding="utf-8")
        return [
            *("-q", "--tb=short", "-p", "hwcheck.pytest_plugin", "-p", "observation_plugin"),
            *("-p", "no:cacheprovider", "-c", str(settings), "--rootdir", str(folder)),
            *("--basetemp", str(folder / "work"), "--pyargs", "hwcheck_conformance"),
            *("--hwcheck-platform", self._platform),
        ]

    def _environment(self, variables: Mapping[str, str]) -> dict[str, str]:
        path = os.pathsep.join([os.environ.get("PYTHONPATH", ""), str(HERE)])
        environment = {
            **os.environ,
            "PYTHONPATH": path,
            "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1",
            "HWCHECK_CACHE": str(self._folder / "cache"),
            **variables,
        }
        # Without bytecode each server would rewrite the suite's assertions again.
        environment.pop("PYTHONDONTWRITEBYTECODE", None)
        return environment
