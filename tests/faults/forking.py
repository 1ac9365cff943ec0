"""An interpreter whose processes are forked off a server, for as long as somebody needs it."""

import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from launcher import SOCKET

HERE = Path(__file__).parent
#: Where messages go, whoever captures them.
_MESSAGES = 2


@contextmanager
def forking_python(
    folder: Path, environment: Mapping[str, str], modules: tuple[str, ...] = ()
) -> Iterator[Path]:
    """Make an interpreter whose processes have imported what those that teach it import, and
    `modules`; the server ends with us.

    The `environment` holds what is read when something is imported; all else each process gets with
    its request.
    """
    python = folder / "python"
    launcher = (HERE / "launcher.py").read_text(encoding="utf-8")
    python.write_text(f"#!{sys.executable} -IS\n{launcher}", encoding="utf-8")
    python.chmod(0o755)
    path = folder / SOCKET
    words = (sys.executable, "-P", str(HERE / "fork_server.py"), str(path), str(python), *modules)
    with subprocess.Popen(
        words, env=environment, stdin=subprocess.PIPE, stdout=_MESSAGES
    ) as server:
        try:
            while not path.exists() and server.poll() is None:
                time.sleep(0.02)
            yield python
        finally:
            server.kill()
