"""The install child: the plugin's compiled files, loaded after torch and before anything else."""

import ctypes
import os
from functools import partial
from importlib import import_module
from importlib.machinery import EXTENSION_SUFFIXES

from hwcheck.model.observation import ExtensionSeen, StepName
from hwcheck.probe.messages import Request
from hwcheck.probe.reply import Reply, StepFailed

__all__ = ["run_install"]


def run_install(request: Request, reply: Reply) -> None:
    """Load every compiled file with all its symbols resolved."""
    reply.take(StepName.IMPORT_HOST, _import_torch, limit=request.start_limit)
    for file in request.extensions:
        if (StepName.EXTENSION, file) in request.skip:
            continue
        try:
            reply.take(
                StepName.EXTENSION, partial(_load, file), subject=file, limit=request.step_limit
            )
        except StepFailed:
            continue


def _import_torch() -> None:
    import_module("torch")


def _load(file: str) -> ExtensionSeen:
    name = os.path.basename(file)
    if ".cpython-" in name and not name.endswith(tuple(EXTENSION_SUFFIXES)):
        return ExtensionSeen(
            file=file, loaded=False, error=f"built for another Python than {EXTENSION_SUFFIXES[0]}"
        )
    try:
        ctypes.CDLL(file, mode=os.RTLD_NOW)
    except OSError as error:
        return ExtensionSeen(file=file, loaded=False, error=str(error)[:500])
    return ExtensionSeen(file=file, loaded=True)
