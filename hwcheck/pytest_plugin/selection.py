"""Which tests are run: those of the profiles that were asked for."""

import pytest

from hwcheck.model.contract import Contract
from hwcheck.pytest_plugin.options import read_settings

__all__ = ["contract_of", "pytest_collection_modifyitems"]


def contract_of(item: pytest.Item) -> Contract | None:
    """The contract that a test checks, ``None`` for a test that checks none."""
    marker = item.get_closest_marker("contract")
    if marker is None:
        return None
    contract = marker.args[0] if marker.args else None
    if not isinstance(contract, Contract):
        raise pytest.UsageError(f"{item.nodeid}: the contract marker needs a Contract")
    return contract


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Deselect the contracts of other profiles."""
    wanted = read_settings(config).profiles
    if not wanted:
        return
    kept: list[pytest.Item] = []
    dropped: list[pytest.Item] = []
    for item in items:
        contract = contract_of(item)
        keep = contract is None or contract.profile in wanted
        (kept if keep else dropped).append(item)
    if dropped:
        config.hook.pytest_deselected(items=dropped)
        items[:] = kept
