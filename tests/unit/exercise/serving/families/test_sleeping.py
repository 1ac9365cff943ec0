"""How much memory of a device is in use, where torch tells it."""

from types import SimpleNamespace

import pytest

from hwcheck.exercise.serving.families import sleeping

MIB = 2**20


class Tensor:
    """What stands for a tensor of a cache."""


@pytest.mark.parametrize(
    ("torch", "expected"),
    [
        ({"accelerator": {"get_memory_info": (20 * MIB, 64 * MIB)}}, 44 * MIB),
        ({"accelerator": {}, "npu": {"mem_get_info": (4 * MIB, 64 * MIB)}}, 60 * MIB),
        ({"npu": {"memory_allocated": 1}}, None),
        ({}, None),
    ],
    ids=["accelerator", "own-module", "other-names", "nothing"],
)
def test_memory_in_use_is_asked_of_torch(monkeypatch: pytest.MonkeyPatch, torch, expected):
    """
    Older releases tell it by the device's own module alone, and some devices not at all.
    """
    modules = {
        name: SimpleNamespace(**{key: lambda device, told=told: told for key, told in of.items()})
        for name, of in torch.items()
    }
    monkeypatch.setattr(sleeping, "import_module", lambda name: SimpleNamespace(**modules))

    assert sleeping._used(SimpleNamespace(type="npu")) == expected


def test_memory_of_a_host_is_that_of_the_process():
    """
    Pages that are given back count at once.
    """
    before = sleeping._used(SimpleNamespace(type="cpu"))
    block = bytearray(64 * MIB)
    during = sleeping._used(None)
    del block

    assert during - before > 32 * MIB
    assert during - sleeping._used(SimpleNamespace(type="cpu")) > 32 * MIB


def test_caches_are_found_wherever_the_runner_puts_them(monkeypatch: pytest.MonkeyPatch):
    """
    Runners have lists, pairs of keys and values, and tables by layer; some have none.
    """
    monkeypatch.setattr(sleeping, "import_module", lambda name: SimpleNamespace(Tensor=Tensor))
    one, two, three = Tensor(), Tensor(), Tensor()
    runner = SimpleNamespace(kv_caches=[{"layer.0": (one, two)}, three, None])

    def of(worker: object) -> set[Tensor]:
        return set(sleeping._caches(SimpleNamespace(worker=worker)))

    assert of(SimpleNamespace(model_runner=runner)) == {one, two, three}
    assert of(SimpleNamespace(model_runner=SimpleNamespace())) == set()
    assert of(None) == set()
