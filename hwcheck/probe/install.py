"""The install child: the plugin's compiled files, loaded after torch and before anything else."""

import ctypes
import os
import sys
from functools import partial
from importlib import import_module
from importlib.machinery import EXTENSION_SUFFIXES

from hwcheck.model.observation import ExtensionSeen, StepName
from hwcheck.probe.session import Session

__all__ = ["run_install"]

_MACHINES = {3: "x86", 40: "arm", 62: "x86_64", 183: "aarch64", 243: "riscv"}


def run_install(session: Session) -> None:
    """Load every compiled file with all its symbols resolved.

    Raises StepFailed: torch cannot be imported.
    """
    session.take(StepName.IMPORT_HOST, _import_torch, limit=session.request.start_limit)
    for file in session.request.extensions:
        session.attempt(StepName.EXTENSION, partial(_load, file), file)


def _import_torch() -> None:
    import_module("torch")


def _load(file: str) -> ExtensionSeen:
    name = os.path.basename(file)
    # The bare suffix is among them, and every name ends with that.
    own = tuple(suffix for suffix in EXTENSION_SUFFIXES if ".cpython-" in suffix)
    if ".cpython-" in name and not name.endswith(own):
        return ExtensionSeen(
            file=file, loaded=False, error=f"built for another Python than {EXTENSION_SUFFIXES[0]}"
        )
    machine = _other_machine(file)
    if machine is not None:
        return ExtensionSeen(file=file, loaded=False, other_machine=machine)
    try:
        ctypes.CDLL(file, mode=os.RTLD_NOW)
    except OSError as error:
        return ExtensionSeen(file=file, loaded=False, error=str(error)[:500])
    return ExtensionSeen(file=file, loaded=True)


def _other_machine(file: str) -> str | None:
    """The machine that an ELF file is made for, when that is not this interpreter's own."""
    own, other = _elf_machine(sys.executable), _elf_machine(file)
    if own is None or other is None or own == other:
        return None
    return _MACHINES.get(other, f"ELF machine {other}")


def _elf_machine(file: str) -> int | None:
    with open(os.path.realpath(file), "rb") as stream:
        head = stream.read(20)
    if len(head) < 20 or head[:4] != b"\x7fELF":
        return None
    return int.from_bytes(head[18:20], "little" if head[5] == 1 else "big")
