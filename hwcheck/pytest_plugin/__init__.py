"""The pytest plugin that runs conformance suites: options, cases, fixtures and the recorder.

Without ``--hwcheck-platform`` it offers its options, and refuses to run the tests of a suite.
"""

from collections.abc import Generator
from typing import NoReturn, Protocol

import pytest

from hwcheck.pytest_plugin.options import add_options, is_asked_for

__all__ = [
    "pytest_addoption",
    "pytest_collection_modifyitems",
    "pytest_configure",
    "pytest_runtestloop",
    "pytest_testnodedown",
]

_UNNAMED = "hwcheck_contracts_of_nobody"
_COLLECTED = pytest.StashKey[int]()


class _Worker(Protocol):
    """What is used of pytest-xdist's handle for a worker."""

    config: pytest.Config


def pytest_addoption(parser: pytest.Parser) -> None:
    """Offer the options."""
    add_options(parser)


def pytest_configure(config: pytest.Config) -> None:
    """Register the markers, and the parts that do the work when a platform is named."""
    config.addinivalue_line("markers", "contract(contract): the contract that the test checks")
    if not is_asked_for(config):
        return
    # Only now, so that a pytest run that has nothing to do with hwcheck stays as fast as it was.
    from hwcheck.pytest_plugin.parts import register_parts

    register_parts(config)


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Refuse to run contracts of nobody; to skip them would look like success.

    Raises pytest.UsageError: there are contracts to check, and no platform is named.
    """
    if is_asked_for(config) or config.getoption("collectonly"):
        return
    contracts = sum(item.get_closest_marker("contract") is not None for item in items)
    if not contracts:
        return
    if hasattr(config, "workeroutput"):
        # A worker of pytest-xdist cannot refuse; it hands its count to the process that can.
        config.workeroutput[_UNNAMED] = contracts
        items.clear()
        return
    _refuse(contracts)


@pytest.hookimpl(optionalhook=True)
def pytest_testnodedown(node: _Worker) -> None:
    """Note what a worker of pytest-xdist has collected."""
    contracts = getattr(node, "workeroutput", {}).get(_UNNAMED, 0)
    node.config.stash[_COLLECTED] = max(contracts, node.config.stash.get(_COLLECTED, 0))


@pytest.hookimpl(wrapper=True)
def pytest_runtestloop(session: pytest.Session) -> Generator[None, object, object]:
    """Refuse what the workers of pytest-xdist have collected, once all of them have ended.

    Raises pytest.UsageError: there are contracts to check, and no platform is named.
    """
    result = yield
    contracts = session.config.stash.get(_COLLECTED, 0)
    if contracts:
        _refuse(contracts)
    return result


def _refuse(contracts: int) -> NoReturn:
    raise pytest.UsageError(
        f"{contracts} conformance tests were collected, and no plugin was named\n"
        "  name the installed plugin to check: --hwcheck-platform NAME\n"
        "  `hwcheck list` shows what is installed"
    )
