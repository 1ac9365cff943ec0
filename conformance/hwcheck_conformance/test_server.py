"""Profile P2: what ``vllm serve`` answers to the client of the OpenAI API."""

import pytest

from hwcheck.pytest_plugin.evidence import Evidence
from hwcheck.pytest_plugin.judgement import judge
from hwcheck_conformance import server_contracts as contracts


@pytest.mark.contract(contracts.START)
def test_server_start(evidence: Evidence) -> None:
    """On a free port of the loopback."""
    judge(evidence, contracts.START)


@pytest.mark.contract(contracts.COMPLETION)
def test_server_completion(evidence: Evidence) -> None:
    """Token ids in and out."""
    judge(evidence, contracts.COMPLETION)


@pytest.mark.contract(contracts.TEXT)
def test_server_text(evidence: Evidence) -> None:
    """A prompt in words."""
    judge(evidence, contracts.TEXT)


@pytest.mark.contract(contracts.CHAT)
def test_server_chat(evidence: Evidence) -> None:
    """Two messages."""
    judge(evidence, contracts.CHAT)


@pytest.mark.contract(contracts.STREAM)
def test_server_stream(evidence: Evidence) -> None:
    """A completion and a chat."""
    judge(evidence, contracts.STREAM)


@pytest.mark.contract(contracts.TOOL_CHOICE)
def test_server_tool_choice(evidence: Evidence) -> None:
    """One tool of two arguments."""
    judge(evidence, contracts.TOOL_CHOICE)


@pytest.mark.contract(contracts.CONCURRENT)
def test_server_concurrent(evidence: Evidence) -> None:
    """From sixteen threads."""
    judge(evidence, contracts.CONCURRENT)


@pytest.mark.contract(contracts.METRICS)
def test_server_metrics(evidence: Evidence) -> None:
    """Three requests."""
    judge(evidence, contracts.METRICS)


@pytest.mark.contract(contracts.BAD_REQUEST)
def test_server_bad_request(evidence: Evidence) -> None:
    """Four of them."""
    judge(evidence, contracts.BAD_REQUEST)


@pytest.mark.contract(contracts.DISCONNECT)
def test_server_disconnect(evidence: Evidence) -> None:
    """In the middle of a stream."""
    judge(evidence, contracts.DISCONNECT)


@pytest.mark.contract(contracts.STOP)
def test_server_stop(evidence: Evidence) -> None:
    """At the end, because the server is shared."""
    judge(evidence, contracts.STOP)
