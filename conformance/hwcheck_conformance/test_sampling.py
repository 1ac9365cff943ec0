"""Profile P2: how tokens are chosen, and where answers end."""

import pytest

from hwcheck.pytest_plugin.evidence import Evidence
from hwcheck.pytest_plugin.judgement import judge
from hwcheck_conformance import sampling_contracts as contracts


@pytest.mark.contract(contracts.STOP_TOKEN)
def test_stop_token(evidence: Evidence) -> None:
    """Alone, in a batch, and the end of the sequence."""
    judge(evidence, contracts.STOP_TOKEN)


@pytest.mark.contract(contracts.STOP_TEXT)
def test_stop_text(evidence: Evidence) -> None:
    """Kept and cut off."""
    judge(evidence, contracts.STOP_TEXT)


@pytest.mark.contract(contracts.STOP_LENGTH)
def test_stop_length(evidence: Evidence) -> None:
    """At most, and at least."""
    judge(evidence, contracts.STOP_LENGTH)


@pytest.mark.contract(contracts.PENALTIES)
def test_sampling_penalties(evidence: Evidence) -> None:
    """One at a time."""
    judge(evidence, contracts.PENALTIES)


@pytest.mark.contract(contracts.BIAS)
def test_sampling_bias(evidence: Evidence) -> None:
    """For and against."""
    judge(evidence, contracts.BIAS)


@pytest.mark.contract(contracts.ALLOWED)
def test_sampling_allowed_tokens(evidence: Evidence) -> None:
    """Few and many."""
    judge(evidence, contracts.ALLOWED)


@pytest.mark.contract(contracts.BAD_WORDS)
def test_sampling_bad_words(evidence: Evidence) -> None:
    """Of one token and of two."""
    judge(evidence, contracts.BAD_WORDS)


@pytest.mark.contract(contracts.TEMPERATURE)
def test_sampling_temperature(evidence: Evidence) -> None:
    """Low, one and high."""
    judge(evidence, contracts.TEMPERATURE)


@pytest.mark.contract(contracts.TOP_K)
def test_sampling_top_k(evidence: Evidence) -> None:
    """Few and many."""
    judge(evidence, contracts.TOP_K)


@pytest.mark.contract(contracts.TOP_P)
def test_sampling_top_p(evidence: Evidence) -> None:
    """Half and most."""
    judge(evidence, contracts.TOP_P)


@pytest.mark.contract(contracts.MIN_P)
def test_sampling_min_p(evidence: Evidence) -> None:
    """Low and high."""
    judge(evidence, contracts.MIN_P)


@pytest.mark.contract(contracts.SEED)
def test_sampling_seed(evidence: Evidence) -> None:
    """Again, elsewhere, and another."""
    judge(evidence, contracts.SEED)


@pytest.mark.contract(contracts.SEQUENCES)
def test_sampling_n(evidence: Evidence) -> None:
    """Three of one request."""
    judge(evidence, contracts.SEQUENCES)


@pytest.mark.contract(contracts.MIXED)
def test_sampling_mixed_batch(evidence: Evidence) -> None:
    """Eight kinds of requests."""
    judge(evidence, contracts.MIXED)


@pytest.mark.contract(contracts.SEED_CHUNKED)
def test_sampling_seed_chunked(evidence: Evidence) -> None:
    """Two and three pieces."""
    judge(evidence, contracts.SEED_CHUNKED)
