"""Profile P1: the classes that the platform names, constructed where that is possible."""

import pytest

from hwcheck.pytest_plugin.evidence import Evidence
from hwcheck.pytest_plugin.judgement import judge
from hwcheck_conformance import part_contracts as contracts


@pytest.mark.contract(contracts.WORKER_CONSTRUCT)
def test_worker_construct(evidence: Evidence) -> None:
    """On a configuration of its own, without the device."""
    judge(evidence, contracts.WORKER_CONSTRUCT)


@pytest.mark.contract(contracts.WORKER_SIGNATURE)
def test_worker_signature(evidence: Evidence) -> None:
    """Every call that the engine makes by name."""
    judge(evidence, contracts.WORKER_SIGNATURE)


@pytest.mark.contract(contracts.WORKER_FEATURES)
def test_worker_feature_methods(evidence: Evidence) -> None:
    """Capability by capability."""
    judge(evidence, contracts.WORKER_FEATURES)


@pytest.mark.contract(contracts.ATTENTION_NAME)
def test_attention_name(evidence: Evidence) -> None:
    """The name is looked up in vLLM's enumeration."""
    judge(evidence, contracts.ATTENTION_NAME)


@pytest.mark.contract(contracts.ATTENTION_BUILDER)
def test_attention_builder(evidence: Evidence) -> None:
    """Over generated batches."""
    judge(evidence, contracts.ATTENTION_BUILDER)


@pytest.mark.contract(contracts.ATTENTION_IMPL)
def test_attention_impl(evidence: Evidence) -> None:
    """Over generated shapes."""
    judge(evidence, contracts.ATTENTION_IMPL)


@pytest.mark.contract(contracts.ATTENTION_LAYOUT)
def test_attention_kv_layout(evidence: Evidence) -> None:
    """Layouts, and sizes of blocks."""
    judge(evidence, contracts.ATTENTION_LAYOUT)


@pytest.mark.contract(contracts.ATTENTION_FLAGS)
def test_attention_flags(evidence: Evidence) -> None:
    """Every flag that the running vLLM has."""
    judge(evidence, contracts.ATTENTION_FLAGS)


@pytest.mark.contract(contracts.ATTENTION_STALE)
def test_attention_stale_member(evidence: Evidence) -> None:
    """Members that vLLM once asked for."""
    judge(evidence, contracts.ATTENTION_STALE)


@pytest.mark.contract(contracts.GRAPH_WRAPPER)
def test_graph_wrapper(evidence: Evidence) -> None:
    """In a forward context that uses no graph."""
    judge(evidence, contracts.GRAPH_WRAPPER)


@pytest.mark.contract(contracts.COMPILE_BACKEND)
def test_compiler(evidence: Evidence) -> None:
    """With a graph of one addition."""
    judge(evidence, contracts.COMPILE_BACKEND)


@pytest.mark.contract(contracts.COMPILE_PASSES)
def test_compile_pass_manager(evidence: Evidence) -> None:
    """As vLLM's own way of compiling makes it."""
    judge(evidence, contracts.COMPILE_PASSES)


@pytest.mark.contract(contracts.CONNECTOR_ABSTRACT)
def test_connector_abstract(evidence: Evidence) -> None:
    """Every connector that the plugin registered."""
    judge(evidence, contracts.CONNECTOR_ABSTRACT)


@pytest.mark.contract(contracts.CONNECTOR_CONSTRUCT)
def test_connector_construct(evidence: Evidence) -> None:
    """In both of a connector's roles."""
    judge(evidence, contracts.CONNECTOR_CONSTRUCT)


@pytest.mark.contract(contracts.KV_SPECS)
def test_kv_specs(evidence: Evidence) -> None:
    """Those that the platform registers."""
    judge(evidence, contracts.KV_SPECS)


@pytest.mark.contract(contracts.SCHEDULER)
def test_scheduler_interface(evidence: Evidence) -> None:
    """The class that the configuration holds in the end."""
    judge(evidence, contracts.SCHEDULER)


@pytest.mark.contract(contracts.EXECUTOR)
def test_executor_interface(evidence: Evidence) -> None:
    """The class that the configuration holds in the end."""
    judge(evidence, contracts.EXECUTOR)
