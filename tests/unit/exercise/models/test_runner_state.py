import sys

import pytest

from hwcheck.exercise.bench import Bench
from hwcheck.exercise.models.runner_state import may_be_set_by_runner
from hwcheck.probe.attribution import Attribution


class Shared:
    """Set by a runner of the plugin's."""


class Wrapper:
    """Computes with it."""


class Unset(AttributeError):
    def __init__(self, thing: object) -> None:
        super().__init__("mask", name="mask", obj=thing)


Shared.__module__ = Wrapper.__module__ = "acme.lora"


@pytest.fixture
def bench(monkeypatch: pytest.MonkeyPatch) -> Bench:
    # Without vLLM no configuration can be made, as with a platform that refuses them all.
    for name in [name for name in sys.modules if name.partition(".")[0] == "vllm"]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setitem(sys.modules, "vllm", None)
    return Bench(
        platform=object(),
        attribution=Attribution.of_plugin("acme-absent", ("acme",)),
        host_version="0.30.0",
        seed=0,
        control=False,
    )


def test_runner_is_not_ruled_out_where_no_configuration_can_be_made(bench: Bench):
    """
    Whose worker there would be cannot be told, so a runner of the plugin's may set the state.
    """
    assert may_be_set_by_runner(bench, Wrapper(), Unset(Shared))


@pytest.mark.parametrize(
    "thing", [Wrapper(), Wrapper, None, "a string"], ids=["instance", "class", "nothing", "foreign"]
)
def test_what_the_part_itself_lacks_is_its_own_fault(bench: Bench, thing: object):
    """
    No runner is expected to complete the part itself, nor what is not the plugin's.
    """
    assert not may_be_set_by_runner(bench, Wrapper(), Unset(thing))
