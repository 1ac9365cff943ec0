"""Profile P1: how a platform says no to what it does not support."""

import pytest

from hwcheck.pytest_plugin.evidence import Evidence
from hwcheck.pytest_plugin.judgement import judge
from hwcheck_conformance import refusal_contracts as contracts


@pytest.mark.contract(contracts.CONFIGURATION)
def test_configuration(evidence: Evidence) -> None:
    """One feature at a time, asked for in a configuration."""
    judge(evidence, contracts.CONFIGURATION)
