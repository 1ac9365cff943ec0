"""Which contracts were collected, and which of them are run whole."""

from collections import Counter
from dataclasses import dataclass

import pytest

from hwcheck.pytest_plugin.selection import contract_of

__all__ = ["Collected", "collected", "pytest_collection_modifyitems"]

_BEFORE = pytest.StashKey[Counter[str]]()


@dataclass(frozen=True, slots=True, kw_only=True)
class Collected:
    """The ids of contracts, sorted; empty where only a part of the suite was named."""

    known: tuple[str, ...] = ()
    whole: tuple[str, ...] = ()
    """Those of which no test was deselected."""


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Count the tests of each contract before any are deselected."""
    config.stash[_BEFORE] = _counted(items)


def collected(session: pytest.Session) -> Collected:
    """Tell what was collected and what is left of it."""
    # A module or a single test may hold a part of a contract's tests, and says nothing of others.
    if any("::" in word or word.endswith(".py") for word in session.config.args):
        return Collected()
    before, now = session.config.stash.get(_BEFORE, Counter()), _counted(session.items)
    return Collected(
        known=tuple(sorted(before)),
        whole=tuple(sorted(id_ for id_, number in now.items() if number == before[id_])),
    )


def _counted(items: list[pytest.Item]) -> Counter[str]:
    return Counter(contract.id for contract in map(contract_of, items) if contract is not None)
