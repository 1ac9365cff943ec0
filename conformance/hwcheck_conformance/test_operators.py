"""Profile P1, on request: what the plugin's operators compute in place of vLLM's."""

import pytest

from hwcheck.pytest_plugin.evidence import Evidence
from hwcheck.pytest_plugin.judgement import judge
from hwcheck_conformance import operator_contracts as contracts


@pytest.mark.contract(contracts.REGISTRATION)
def test_operator_registration(evidence: Evidence) -> None:
    """vLLM finds, constructs and calls each replacement."""
    judge(evidence, contracts.REGISTRATION)


@pytest.mark.contract(contracts.VALUE)
def test_operator_value(evidence: Evidence) -> None:
    """Each replacement against vLLM's native implementation in float64."""
    judge(evidence, contracts.VALUE)


@pytest.mark.contract(contracts.LAYOUT)
def test_operator_layout(evidence: Evidence) -> None:
    """The inputs and the form of the outputs of each replacement."""
    judge(evidence, contracts.LAYOUT)


@pytest.mark.contract(contracts.SCHEMA)
def test_operator_schema(evidence: Evidence) -> None:
    """Schemas in torch's registry, by torch's own check."""
    judge(evidence, contracts.SCHEMA)


@pytest.mark.contract(contracts.FAKE)
def test_operator_fake(evidence: Evidence) -> None:
    """Fakes in torch's registry, by torch's own check."""
    judge(evidence, contracts.FAKE)


@pytest.mark.contract(contracts.IR_VALUE)
def test_ir_value(evidence: Evidence) -> None:
    """Providers of vLLM's IR operators against the native ones."""
    judge(evidence, contracts.IR_VALUE)


@pytest.mark.contract(contracts.ATTENTION)
def test_attention_value(evidence: Evidence) -> None:
    """The selected attention against its definition."""
    judge(evidence, contracts.ATTENTION)
