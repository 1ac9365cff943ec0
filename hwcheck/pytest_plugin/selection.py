"""Which tests are run: those of the profiles that were asked for."""

from collections.abc import Iterable
from difflib import get_close_matches
from fnmatch import fnmatchcase

import pytest

from hwcheck.model.contract import Contract
from hwcheck.observe.conditions import PAIRS, UNASKED, Conditions
from hwcheck.pytest_plugin.options import read_settings

__all__ = ["contract_of", "is_wanted", "pytest_collection_modifyitems", "refuse_unknown"]


def contract_of(item: pytest.Item) -> Contract | None:
    """The contract that a test checks, ``None`` for a test that checks none."""
    marker = item.get_closest_marker("contract")
    if marker is None:
        return None
    contract = marker.args[0] if marker.args else None
    if not isinstance(contract, Contract):
        raise pytest.UsageError(f"{item.nodeid}: the contract marker needs a Contract")
    return contract


def is_wanted(contract: Contract, conditions: Conditions) -> bool:
    """Whether a contract is run under these conditions."""
    if contract.group == PAIRS and PAIRS in conditions.groups:
        # Of whatever the others demonstrate, in whatever profile they are.
        return True
    if conditions.profiles and contract.profile not in conditions.profiles:
        return False
    if conditions.contracts:
        # Named, a contract is wanted whatever its group and profile.
        return any(fnmatchcase(contract.id, pattern) for pattern in conditions.contracts)
    if not conditions.profiles and contract.profile not in UNASKED:
        return False
    return not contract.group or contract.group in conditions.groups


def refuse_unknown(contracts: Iterable[Contract], patterns: Iterable[str]) -> None:
    """Refuse a pattern that selects nothing: the run would look as if it had passed.

    Raises pytest.UsageError.
    """
    ids = sorted({contract.id for contract in contracts})
    for pattern in patterns:
        if not any(fnmatchcase(id_, pattern) for id_ in ids):
            near = get_close_matches(pattern, ids, n=3)
            hint = f"nearest: {', '.join(near)}" if near else "all ids: hwcheck explain"
            raise pytest.UsageError(f"no contract is called {pattern!r}\n  {hint}")


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Deselect contracts of other profiles, or of groups or ids that were not asked for.

    Raises pytest.UsageError: a pattern of ids selects nothing.
    """
    conditions = read_settings(config).conditions
    refuse_unknown(filter(None, map(contract_of, items)), conditions.contracts)
    kept: list[pytest.Item] = []
    dropped: list[pytest.Item] = []
    for item in items:
        contract = contract_of(item)
        keep = contract is None or is_wanted(contract, conditions)
        (kept if keep else dropped).append(item)
    if dropped:
        config.hook.pytest_deselected(items=dropped)
    # What needs no child comes first, so that an interruption keeps it.
    items[:] = sorted(kept, key=_place)


def _place(item: pytest.Item) -> tuple[str, bool]:
    contract = contract_of(item)
    if contract is None:
        return "", False
    return str(contract.profile), "evidence" in getattr(item, "fixturenames", ())
