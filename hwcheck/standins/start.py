"""The start of a process that has stand-ins: called by the ``sitecustomize.py`` beside the plan."""

import fcntl
import json
import os
import sys
from collections.abc import Sequence
from contextlib import suppress
from importlib.machinery import PathFinder
from importlib.util import module_from_spec
from pathlib import Path

from hwcheck.standins.accelerator import offer_devices, offer_names
from hwcheck.standins.finder import CompiledFinder, StandInFinder

__all__ = ["PLAN", "USED", "start"]

PLAN = "stand_ins.json"
"""What stands in for what: written by whoever starts the process."""
USED = "used.txt"
"""The modules that were replaced, one a line."""

_APPEND = os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_CLOEXEC
#: Above what a plugin that closes "all" files usually reaches.
_RESERVE = 901


def start(file: str) -> None:
    """Install the finders of the plan beside `file`, then run the next ``sitecustomize``."""
    folder = Path(file).absolute().parent
    plan = json.loads((folder / PLAN).read_text(encoding="utf-8"))
    vendor = _Vendor(_Log(folder / USED), plan["devices"], plan["names"])
    sys.meta_path.append(StandInFinder(plan["modules"], plan["askers"], vendor.replace))
    sys.meta_path.insert(0, CompiledFinder(plan["compiled"], vendor.replace))
    _run_next(folder)


class _Vendor:
    """Does to torch what the vendor's libraries do when they are imported."""

    def __init__(self, log: "_Log", devices: Sequence[str], names: Sequence[str]) -> None:
        self._log = log
        self._devices = devices
        self._names = names

    def replace(self, module: str) -> None:
        """Note that a module was replaced."""
        self._log.note(module)
        devices, self._devices = self._devices, ()
        if devices:
            offer_devices(devices)
        # Each time: more of torch may have been loaded meanwhile.
        offer_names(self._names, self._log.note)


class _Log:
    """Opened before the plugin is there, so that no file is opened in the plugin's steps."""

    def __init__(self, path: Path) -> None:
        handle = os.open(path, _APPEND, 0o600)
        try:
            self._handle = fcntl.fcntl(handle, fcntl.F_DUPFD_CLOEXEC, _RESERVE)
            os.close(handle)
        except OSError:
            # The limit of open files is lower than that.
            self._handle = handle
        self._identity = self._seen()

    def note(self, name: str) -> None:
        """Note a name that was replaced."""
        with suppress(OSError):
            # What a plugin closed may be another file by now.
            if self._seen() == self._identity:
                os.write(self._handle, f"{name}\n".encode())

    def _seen(self) -> tuple[int, int]:
        found = os.fstat(self._handle)
        return found.st_dev, found.st_ino


def _run_next(folder: Path) -> None:
    # Ours hides another one, which may make an environment what it is.
    path = [entry for entry in sys.path if Path(entry).absolute() != folder]
    spec = PathFinder.find_spec("sitecustomize", path)
    if spec is not None and spec.loader is not None:
        module = module_from_spec(spec)
        sys.modules["sitecustomize"] = module
        spec.loader.exec_module(module)
