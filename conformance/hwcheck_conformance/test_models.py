"""Profile P1: communicators, LoRA, quantization methods and models of the plugin."""

import pytest

from hwcheck.pytest_plugin.evidence import Evidence
from hwcheck.pytest_plugin.judgement import judge
from hwcheck_conformance import model_contracts as contracts


@pytest.mark.contract(contracts.COMMUNICATOR_CONSTRUCT)
def test_communicator_construct(evidence: Evidence) -> None:
    """In two processes over gloo."""
    judge(evidence, contracts.COMMUNICATOR_CONSTRUCT)


@pytest.mark.contract(contracts.COMMUNICATOR_COLLECTIVE)
def test_communicator_collective(evidence: Evidence) -> None:
    """Over generated calls in two processes."""
    judge(evidence, contracts.COMMUNICATOR_COLLECTIVE)


@pytest.mark.contract(contracts.LORA_WRAPPER)
def test_lora_wrapper_abstract(evidence: Evidence) -> None:
    """Abstract members, and the calls of vLLM's LoRA layers."""
    judge(evidence, contracts.LORA_WRAPPER)


@pytest.mark.contract(contracts.LORA_PUNICA)
def test_lora_punica(evidence: Evidence) -> None:
    """Over generated batches, against float64."""
    judge(evidence, contracts.LORA_PUNICA)


@pytest.mark.contract(contracts.QUANTIZATION_REGISTRATION)
def test_quantization_registration(evidence: Evidence) -> None:
    """Each method that the plugin registered."""
    judge(evidence, contracts.QUANTIZATION_REGISTRATION)


@pytest.mark.contract(contracts.QUANTIZATION_CONFIG)
def test_quantization_config(evidence: Evidence) -> None:
    """Each question to each method."""
    judge(evidence, contracts.QUANTIZATION_CONFIG)


@pytest.mark.contract(contracts.MODEL_REGISTRATION)
def test_model_registration(evidence: Evidence) -> None:
    """Each model that the plugin registered."""
    judge(evidence, contracts.MODEL_REGISTRATION)


@pytest.mark.contract(contracts.MODEL_SIGNATURE)
def test_model_signature(evidence: Evidence) -> None:
    """Each model's __init__(), forward() and members."""
    judge(evidence, contracts.MODEL_SIGNATURE)


@pytest.mark.contract(contracts.MODEL_INTERFACE)
def test_model_interface(evidence: Evidence) -> None:
    """Each model's flags."""
    judge(evidence, contracts.MODEL_INTERFACE)


@pytest.mark.contract(contracts.MODEL_PREFIX)
def test_model_prefix(evidence: Evidence) -> None:
    """Each model, constructed with two layers."""
    judge(evidence, contracts.MODEL_PREFIX)
