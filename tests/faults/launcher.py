"""Take the place of an interpreter: ask the server beside this file for a forked process."""

import array
import json
import os
import signal
import socket
import sys
from contextlib import suppress
from pathlib import Path

SOCKET = "server.socket"
END = b"end"


def inherited() -> list[int]:
    """Every file that whoever started us handed on."""
    found = []
    for file in list(Path("/proc/self/fd").iterdir()):
        # The one of the listing itself is closed by now.
        with suppress(OSError):
            if os.get_inheritable(int(file.name)):
                found.append(int(file.name))
    return sorted(found)


def ask(request: dict[str, object], handles: list[int]) -> int:
    """Wait for the process that the server forks off, and tell how it ended."""
    with socket.socket(socket.AF_UNIX) as connection:
        connection.connect(str(Path(__file__).with_name(SOCKET).absolute()))
        data = json.dumps(request | {"handles": handles}).encode() + b"\n"
        rights = [(socket.SOL_SOCKET, socket.SCM_RIGHTS, array.array("i", handles))]
        connection.sendall(data[connection.sendmsg([data], rights) :])
        # A process that is asked to end takes its leave; only the server knows which one it is.
        signal.signal(signal.SIGTERM, lambda *_: connection.sendall(END))
        status = connection.makefile().readline()
    if not status:
        sys.exit("the server that forks has ended")
    return int(status)


def main() -> None:
    """End as the forked process does."""
    request = {
        "arguments": sys.argv[1:],
        "environment": dict(os.environ),
        "directory": str(Path.cwd()),
        "parent": os.getppid(),
    }
    status = ask(request, inherited())
    if os.WIFSIGNALED(status):
        number = os.WTERMSIG(status)
        with suppress(OSError):  # SIGKILL has no handler
            signal.signal(number, signal.SIG_DFL)
        os.kill(os.getpid(), number)
    sys.exit(os.waitstatus_to_exitcode(status))


if __name__ == "__main__":
    main()
