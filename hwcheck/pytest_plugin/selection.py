"""Which tests are run: those of the profiles that were asked for."""

import pytest

from hwcheck.model.contract import Contract
from hwcheck.observe.conditions import Conditions
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


def _is_wanted(contract: Contract, conditions: Conditions) -> bool:
    in_profile = not conditions.profiles or contract.profile in conditions.profiles
    return in_profile and (not contract.group or contract.group in conditions.groups)


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Deselect the contracts of other profiles, and of groups that were not asked for."""
    conditions = read_settings(config).conditions
    kept: list[pytest.Item] = []
    dropped: list[pytest.Item] = []
    for item in items:
        contract = contract_of(item)
        keep = contract is None or _is_wanted(contract, conditions)
        (kept if keep else dropped).append(item)
    if dropped:
        config.hook.pytest_deselected(items=dropped)
        items[:] = kept
