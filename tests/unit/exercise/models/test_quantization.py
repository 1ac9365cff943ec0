import sys
from collections.abc import Callable
from types import ModuleType, SimpleNamespace

import pytest

from hwcheck.exercise.bench import Bench
from hwcheck.exercise.models.quantization import EXAMINATIONS
from hwcheck.model.examination import CaseState
from hwcheck.probe.attribution import Attribution

LAYERS = "vllm.model_executor.layers.quantization"
CASE = "acme-get-min-capability"


class RefusingMethod:
    @classmethod
    def get_min_capability(cls) -> int:
        raise NotImplementedError("the device has no such number")


class FailingMethod:
    @classmethod
    def get_min_capability(cls) -> int:
        raise KeyError("capability")


@pytest.fixture
def state_of_capability(monkeypatch: pytest.MonkeyPatch) -> Callable[..., CaseState]:
    def examine(method: type, *, capability: object) -> CaseState:
        layers, base = ModuleType(LAYERS), ModuleType(f"{LAYERS}.base_config")
        layers._CUSTOMIZED_METHOD_TO_QUANT_CONFIG = {"acme": method}
        base.QuantizationConfig = object
        monkeypatch.setitem(sys.modules, LAYERS, layers)
        monkeypatch.setitem(sys.modules, base.__name__, base)
        # Other questions ask for it; it changes the interpreter when it is imported.
        monkeypatch.setitem(sys.modules, "torch", None)
        bench = Bench(
            platform=SimpleNamespace(get_device_capability=lambda: capability),
            attribution=Attribution.of_plugin("acme-absent", ("acme_absent",)),
            host_version="0.23.0",
            seed=0,
            control=False,
        )
        cases = {item.name: item for item in EXAMINATIONS["quantization.config"](bench)}
        return cases[CASE].state

    return examine


def test_capability_may_be_refused_where_the_platform_has_none(
    state_of_capability: Callable[..., CaseState],
):
    """
    vLLM asks a method for its least capability only after the platform named its own.
    """
    capability = SimpleNamespace(to_int=lambda: 80)

    without = state_of_capability(RefusingMethod, capability=None)
    with_one = state_of_capability(RefusingMethod, capability=capability)

    assert without is CaseState.NOT_APPLICABLE
    assert with_one is CaseState.BROKEN


def test_capability_that_crashes_is_broken_on_any_platform(
    state_of_capability: Callable[..., CaseState],
):
    """
    Only a refusal in words is taken for an answer that nobody needs.
    """
    state = state_of_capability(FailingMethod, capability=None)

    assert state is CaseState.BROKEN
