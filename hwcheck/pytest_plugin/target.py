"""The target of a pytest session, found once."""

import os

import pytest

from hwcheck.contain.environment import DEFAULT_PATTERNS, child_environment
from hwcheck.errors import HwcheckError
from hwcheck.observe.target import Target, find_target
from hwcheck.pytest_plugin.options import Settings, read_settings

__all__ = ["Target", "child_variables", "session_target"]

_TARGET = pytest.StashKey[Target]()


def session_target(config: pytest.Config) -> Target:
    """Find plugin and host, once.

    Raises pytest.UsageError: no such plugin, no host, a host that is too old.
    """
    if _TARGET not in config.stash:
        settings = read_settings(config)
        try:
            config.stash[_TARGET] = find_target(settings.platform, settings.conditions.python)
        except HwcheckError as error:
            raise pytest.UsageError(str(error)) from error
    return config.stash[_TARGET]


def child_variables(settings: Settings) -> dict[str, str]:
    """The part of our environment that the plugin may see."""
    patterns = (*DEFAULT_PATTERNS, *settings.conditions.pass_environment)
    return child_environment(os.environ, patterns=patterns)
