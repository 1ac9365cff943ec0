import sys
from collections.abc import Callable
from types import ModuleType
from typing import Any

import pytest

from hwcheck.exercise.bench import Bench
from hwcheck.exercise.platforms.quantization_support import EXAMINATIONS
from hwcheck.model.examination import CaseState
from hwcheck.probe.attribution import Attribution

LAYERS = "vllm.model_executor.layers.quantization"


class Platform:
    """Has a list of its own, and leaves the check to vLLM."""

    supported_quantization = ("acme",)

    def verify_quantization(self, method: str) -> None:
        if method not in self.supported_quantization:
            raise ValueError(f"{method} is not supported")


def registers_only(method: str) -> Callable[[type], type]:
    return lambda cls: cls


def appends(method: str) -> Callable[[type], type]:
    # A tuple has no append(), as with a platform that made its list immutable.
    Platform.supported_quantization.append(method)
    return lambda cls: cls


@pytest.fixture
def state_of_registered(monkeypatch: pytest.MonkeyPatch) -> Callable[..., CaseState]:
    def examine(register: Callable[..., Any]) -> CaseState:
        layers, base = ModuleType(LAYERS), ModuleType(f"{LAYERS}.base_config")
        layers.QUANTIZATION_METHODS = ["acme"]
        layers.register_quantization_config = register
        base.QuantizationConfig = object
        monkeypatch.setitem(sys.modules, LAYERS, layers)
        monkeypatch.setitem(sys.modules, base.__name__, base)
        bench = Bench(
            platform=Platform(),
            attribution=Attribution.of_plugin("acme-absent", ("acme_absent",)),
            host_version="0.13.0",
            seed=0,
            control=False,
        )
        cases = {item.name: item for item in EXAMINATIONS["platform.quantization"](bench)}
        return cases["registered"].state

    return examine


def test_registered_method_may_be_refused_where_vllm_does_not_append_it(
    state_of_registered: Callable[..., CaseState],
):
    """
    Older releases register a method without telling the platform.
    """
    assert state_of_registered(registers_only) is CaseState.NOT_APPLICABLE


def test_list_that_takes_no_method_is_broken_where_vllm_appends_it(
    state_of_registered: Callable[..., CaseState],
):
    """
    Newer releases append it to the platform's list.
    """
    assert state_of_registered(appends) is CaseState.BROKEN
