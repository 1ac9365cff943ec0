"""Behind the profiles: what was demonstrated, two at a time."""

import pytest

from hwcheck.pytest_plugin.pairing import Paired, judge_pairs
from hwcheck_conformance import pair_contracts as contracts


@pytest.mark.contract(contracts.COMBINED)
def test_pairs_combined(paired: Paired) -> None:
    """Every pair."""
    judge_pairs(paired, contracts.COMBINED)
