"""Profile P3: several workers, each in a process of its own."""

import pytest

from hwcheck.pytest_plugin.evidence import Evidence
from hwcheck.pytest_plugin.judgement import judge
from hwcheck_conformance import parallel_contracts as contracts


@pytest.mark.contract(contracts.TENSOR_GREEDY)
def test_family_tensor_parallel_greedy(evidence: Evidence) -> None:
    """Two ranks, and the tokens of one."""
    judge(evidence, contracts.TENSOR_GREEDY)


@pytest.mark.contract(contracts.TENSOR_RANKS)
def test_family_tensor_parallel_ranks(evidence: Evidence) -> None:
    """Half of the heads each."""
    judge(evidence, contracts.TENSOR_RANKS)


@pytest.mark.contract(contracts.TENSOR_STOP)
def test_family_tensor_parallel_stop(evidence: Evidence) -> None:
    """Nothing left."""
    judge(evidence, contracts.TENSOR_STOP)


@pytest.mark.contract(contracts.PIPELINE_GREEDY)
def test_family_pipeline_parallel_greedy(evidence: Evidence) -> None:
    """Two stages, and the tokens of one."""
    judge(evidence, contracts.PIPELINE_GREEDY)


@pytest.mark.contract(contracts.PIPELINE_RANKS)
def test_family_pipeline_parallel_ranks(evidence: Evidence) -> None:
    """One of two layers each."""
    judge(evidence, contracts.PIPELINE_RANKS)


@pytest.mark.contract(contracts.PIPELINE_STOP)
def test_family_pipeline_parallel_stop(evidence: Evidence) -> None:
    """Nothing left."""
    judge(evidence, contracts.PIPELINE_STOP)


@pytest.mark.contract(contracts.DATA_GREEDY)
def test_family_data_parallel_greedy(evidence: Evidence) -> None:
    """Two engines."""
    judge(evidence, contracts.DATA_GREEDY)


@pytest.mark.contract(contracts.DATA_RANKS)
def test_family_data_parallel_ranks(evidence: Evidence) -> None:
    """A request for one and two for the other."""
    judge(evidence, contracts.DATA_RANKS)


@pytest.mark.contract(contracts.DATA_STOP)
def test_family_data_parallel_stop(evidence: Evidence) -> None:
    """Nothing left."""
    judge(evidence, contracts.DATA_STOP)
