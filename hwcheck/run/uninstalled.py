"""What to say of a target that can be read, and cannot be run before it is installed."""

import os
import shlex
import sys
from pathlib import Path

from hwcheck.discover.lookup import discover_target
from hwcheck.model.plugin import Origin

__all__ = ["explain_uninstalled"]

_KINDS = {
    Origin.WHEEL: "a wheel",
    Origin.SOURCE: "a source tree",
    Origin.INSTALLED: "a folder that is not on the path",
}


def explain_uninstalled(target: str, python: str) -> str | None:
    """Say how to install what a target names, ``None`` when it names nothing to install.

    Raises DiscoveryError: it is a file or folder in which no plugin can be read.
    """
    pip = "pip" if python == sys.executable else f"{shlex.quote(python)} -m pip"
    if _is_path(target):
        plugins = discover_target(target).plugins
        if not plugins:
            return None
        name, origin = plugins[0].name, plugins[0].origin
        path = target if os.sep in target else f".{os.sep}{target}"
        how = f"install it beside vLLM: {pip} install {shlex.quote(path)}"
        if origin is Origin.INSTALLED:
            how = f"put it on the path: export PYTHONPATH={shlex.quote(path)}"
        return _told(target, _KINDS[origin], how, name)
    name, pinned, _ = target.partition("==")
    if not pinned:
        return None
    how = f"install it beside vLLM: {pip} install {shlex.quote(target)}"
    return _told(target, "a release to be fetched", how, name)


def _told(target: str, kind: str, how: str, name: str) -> str:
    return (
        f"{target!r} is {kind}; only an installed plugin can be run"
        f"\n  {how}\n  then: hwcheck run {shlex.quote(name)}"
    )


def _is_path(target: str) -> bool:
    try:
        return bool(target) and (target.endswith(".whl") or Path(target).exists())
    except OSError:  # a name longer than the file system allows
        return False
