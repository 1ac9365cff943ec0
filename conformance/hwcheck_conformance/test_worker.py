"""Profile P1: the worker that the platform puts into the configuration."""

from __future__ import annotations

import pytest
from packaging.version import Version

from hwcheck.model.observation import ClassSeen, StepName, ValueSeen
from hwcheck.pytest_plugin.evidence import Evidence
from hwcheck.pytest_plugin.target import Target
from hwcheck.pytest_plugin.verdicts import broken, not_applicable, not_measured
from hwcheck_conformance import contracts
from hwcheck_conformance.active_platform import described
from hwcheck_conformance.call_forms import constructor_fault
from hwcheck_conformance.configuration import configured

_BASE = "vllm.v1.worker.worker_base.WorkerBase"

#: Methods that the engine calls by name on every start or step, and the release that began it.
_METHODS = {
    "init_device": "0.9.0",
    "load_model": "0.9.0",
    "get_kv_cache_spec": "0.9.0",
    "determine_available_memory": "0.9.0",
    "initialize_from_config": "0.9.0",
    "compile_or_warm_up_model": "0.9.0",
    "execute_model": "0.9.0",
    "get_supported_tasks": "0.10.1",
    "sample_tokens": "0.12.0",
}
#: Needed only where something else is so: why it may be missing, and the claim that needs it.
_SOMETIMES = {
    "sample_tokens": ("the engine needs it only if execute_model() returns None", None),
    "execute_dummy_batch": ("only data parallelism needs it", None),
    "sleep": ("only sleep mode needs it", "is_sleep_mode_available"),
    "wake_up": ("only sleep mode needs it", "is_sleep_mode_available"),
    "add_lora": ("only LoRA needs it", "get_punica_wrapper"),
    "remove_lora": ("only LoRA needs it", "get_punica_wrapper"),
    "pin_lora": ("only LoRA needs it", "get_punica_wrapper"),
    "list_loras": ("only LoRA needs it", "get_punica_wrapper"),
}


@pytest.mark.contract(contracts.WORKER_BASE)
def test_worker_base(evidence: Evidence) -> None:
    """A configuration without a model does not fail, and one with a model has a worker."""
    described(evidence)
    seen = configured(evidence, judge=True)
    if seen.worker is None:
        broken(f"parallel_config.worker_cls is {seen.worker_class!r} after check_and_update_config")
    if not seen.worker.is_class or _BASE not in seen.worker.bases:
        broken(f"{seen.worker_class} does not derive from {_BASE}", place=seen.worker.place)
    fault = constructor_fault("worker_cls", seen.worker.constructor, seen.worker.host_constructor)
    if fault is not None:
        broken(f"{seen.worker_class}: {fault}", place=seen.worker.place)


@pytest.mark.contract(contracts.WORKER_METHOD)
@pytest.mark.parametrize("method", sorted({*_METHODS, *_SOMETIMES}))
def test_worker_method(evidence: Evidence, target: Target, method: str) -> None:
    """The method is defined by a class that is not vLLM's bare WorkerBase."""
    since = _METHODS.get(method, "0.9.0")
    if Version(Version(target.host.version).base_version) < Version(since):
        not_applicable(f"vLLM calls it since {since}")
    described(evidence)
    seen = configured(evidence)
    if seen.worker is None:
        not_measured("no worker class is set", blocked_by=contracts.WORKER_BASE.id)
    if method in seen.methods:
        return
    why, claim = _SOMETIMES.get(method, ("", None))
    if claim is not None and _is_claimed(evidence, claim):
        broken(
            f"{seen.worker_class} has no {method}(), which {claim} promises",
            place=seen.worker.place,
        )
    if why:
        not_applicable(f"not defined; {why}")
    broken(f"{seen.worker_class} has no {method}()", place=seen.worker.place)


def _is_claimed(evidence: Evidence, member: str) -> bool:
    active = evidence.child("active")
    value = active.step(StepName.VALUE, member).answer
    cls = active.step(StepName.CLASS_PATH, member).answer
    return (isinstance(value, ValueSeen) and value.truth) or (
        isinstance(cls, ClassSeen) and cls.is_class
    )
