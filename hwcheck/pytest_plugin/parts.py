"""The parts that do the work once a platform is named."""

import pytest

from hwcheck.pytest_plugin import cases, collected, control, fixtures, pairing, selection
from hwcheck.pytest_plugin.recorder import register_recorder
from hwcheck.pytest_plugin.target import session_target
from hwcheck.pytest_plugin.waiving import waivers_of

__all__ = ["register_parts"]


def register_parts(config: pytest.Config) -> None:
    """Register them.

    Raises pytest.UsageError: the platform cannot be tested here, or the waivers cannot be read;
    pytest ends before it collects.
    """
    session_target(config)
    waivers = waivers_of(config)
    if waivers is not None:
        config.pluginmanager.register(waivers, "hwcheck-waivers")
    config.pluginmanager.register(collected, "hwcheck-collected")
    config.pluginmanager.register(fixtures, "hwcheck-fixtures")
    config.pluginmanager.register(pairing, "hwcheck-pairing")
    config.pluginmanager.register(cases, "hwcheck-cases")
    config.pluginmanager.register(control, "hwcheck-control")
    config.pluginmanager.register(selection, "hwcheck-selection")
    register_recorder(config)
