"""Profile P2: what an engine answers on a tiny model."""

import pytest

from hwcheck.pytest_plugin.evidence import Evidence
from hwcheck.pytest_plugin.judgement import judge
from hwcheck_conformance import serving_contracts as contracts


@pytest.mark.contract(contracts.START)
def test_engine_start(evidence: Evidence) -> None:
    """In one process, on a model of two layers."""
    judge(evidence, contracts.START)


@pytest.mark.contract(contracts.GREEDY)
def test_greedy_tokens(evidence: Evidence) -> None:
    """One prompt, and eight at once."""
    judge(evidence, contracts.GREEDY)


@pytest.mark.contract(contracts.LOGPROBS)
def test_logprobs(evidence: Evidence) -> None:
    """Three a token."""
    judge(evidence, contracts.LOGPROBS)


@pytest.mark.contract(contracts.PROMPT_LOGPROBS)
def test_prompt_logprobs(evidence: Evidence) -> None:
    """Two a token."""
    judge(evidence, contracts.PROMPT_LOGPROBS)


@pytest.mark.contract(contracts.DETERMINISM)
def test_determinism(evidence: Evidence) -> None:
    """Three times the same batch."""
    judge(evidence, contracts.DETERMINISM)


@pytest.mark.contract(contracts.BATCH_INVARIANCE)
def test_batch_invariance(evidence: Evidence) -> None:
    """A figure alone."""
    judge(evidence, contracts.BATCH_INVARIANCE)


@pytest.mark.contract(contracts.VOLUME)
def test_volume(evidence: Evidence) -> None:
    """Thousands of short answers."""
    judge(evidence, contracts.VOLUME)
