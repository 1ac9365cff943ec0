"""Profile P1: what the platform's members do, over generated examples."""

import pytest

from hwcheck.pytest_plugin.evidence import Evidence
from hwcheck.pytest_plugin.judgement import judge
from hwcheck_conformance import behaviour_contracts as contracts


@pytest.mark.contract(contracts.DEVICE_MAPPING)
def test_device_mapping(evidence: Evidence) -> None:
    """Over permutations of the variable that masks devices."""
    judge(evidence, contracts.DEVICE_MAPPING)
