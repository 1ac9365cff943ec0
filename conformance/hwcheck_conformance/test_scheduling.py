"""Profile P2: requests that come, wait and leave, and an engine's limits and ends."""

import pytest

from hwcheck.pytest_plugin.evidence import Evidence
from hwcheck.pytest_plugin.judgement import judge
from hwcheck_conformance import scheduling_contracts as contracts


@pytest.mark.contract(contracts.PREFIX)
def test_prefix_cache(evidence: Evidence) -> None:
    """Again, changed, salted and after a reset."""
    judge(evidence, contracts.PREFIX)


@pytest.mark.contract(contracts.BLOCKS_FREED)
def test_blocks_freed(evidence: Evidence) -> None:
    """Of requests that ended, and that were aborted."""
    judge(evidence, contracts.BLOCKS_FREED)


@pytest.mark.contract(contracts.STAGGERED)
def test_staggered_requests(evidence: Evidence) -> None:
    """In three groups."""
    judge(evidence, contracts.STAGGERED)


@pytest.mark.contract(contracts.CHUNKED_PREFILL)
def test_chunked_prefill(evidence: Evidence) -> None:
    """Alone, and beside an answer."""
    judge(evidence, contracts.CHUNKED_PREFILL)


@pytest.mark.contract(contracts.ABORT)
def test_abort_in_flight(evidence: Evidence) -> None:
    """In the answer, in the prompt, and while it waits."""
    judge(evidence, contracts.ABORT)


@pytest.mark.contract(contracts.LIMIT)
def test_request_limit(evidence: Evidence) -> None:
    """At it, and one over it."""
    judge(evidence, contracts.LIMIT)


@pytest.mark.contract(contracts.EMPTY)
def test_empty_request(evidence: Evidence) -> None:
    """Refused."""
    judge(evidence, contracts.EMPTY)


@pytest.mark.contract(contracts.UNKNOWN_TOKEN)
def test_unknown_token(evidence: Evidence) -> None:
    """Refused."""
    judge(evidence, contracts.UNKNOWN_TOKEN)


@pytest.mark.contract(contracts.TEXT)
def test_request_of_text(evidence: Evidence) -> None:
    """With letters of several bytes."""
    judge(evidence, contracts.TEXT)


@pytest.mark.contract(contracts.REPEATED)
def test_repeated_requests(evidence: Evidence) -> None:
    """Twenty at once."""
    judge(evidence, contracts.REPEATED)


@pytest.mark.contract(contracts.CACHE_SPEC)
def test_worker_cache_spec(evidence: Evidence) -> None:
    """For every layer."""
    judge(evidence, contracts.CACHE_SPEC)


@pytest.mark.contract(contracts.HEALTH)
def test_worker_health(evidence: Evidence) -> None:
    """While it serves."""
    judge(evidence, contracts.HEALTH)


@pytest.mark.contract(contracts.RESTART)
def test_engine_restart(evidence: Evidence) -> None:
    """Three engines, and what they leave behind."""
    judge(evidence, contracts.RESTART)


@pytest.mark.contract(contracts.PREEMPTION)
def test_preemption(evidence: Evidence) -> None:
    """Under a small cache."""
    judge(evidence, contracts.PREEMPTION)
