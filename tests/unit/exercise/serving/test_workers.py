"""What a worker tells of itself."""

import pickle
from types import SimpleNamespace

from hwcheck.exercise.serving.workers import Named, rank_of, watch_layers, worker_of


class Attention:
    def __init__(self) -> None:
        self.num_kv_heads = 2
        self.hooks = []

    def register_forward_hook(self, hook) -> None:
        self.hooks.append(hook)

    def call(self) -> None:
        for hook in self.hooks:
            hook(self, (), None)


class Backend:
    """A backend of attention."""


class RMSNorm:
    name = "rms_norm"

    def __init__(self) -> None:
        self._forward_method = self.forward

    def forward(self) -> None:
        """Do nothing."""


class Worker:
    def __init__(self, layers, runner=None) -> None:
        compilation = SimpleNamespace(static_forward_context=layers)
        self.vllm_config = SimpleNamespace(compilation_config=compilation)
        self.rank = 1
        self.device = "acme:1"
        if runner is not None:
            self.model_runner = runner


def test_calls_of_layers_are_counted_from_the_watch_on(monkeypatch):
    """
    Each layer by itself; what has no heads of keys and values is no attention.
    """
    monkeypatch.setattr("hwcheck.exercise.serving.workers._world_size", lambda: 2)
    first, second = Attention(), Attention()
    wrapper = SimpleNamespace(worker=Worker({"0": first, "1": second, "mlp": object()}))

    assert watch_layers(wrapper) == 2
    first.call()
    told = rank_of(wrapper)

    assert {item.name: item.calls for item in told.layers} == {"0": 1, "1": 0}
    assert (told.rank, told.world_size) == (1, 2)
    assert pickle.loads(pickle.dumps(told)) == told


def test_worker_of_another_making_has_no_layers(monkeypatch):
    """
    What cannot be looked at is empty, and no error.
    """
    monkeypatch.setattr("hwcheck.exercise.serving.workers._world_size", lambda: 1)

    assert watch_layers(object()) == 0
    assert rank_of(object()).layers == ()


def test_parts_are_told_by_name(monkeypatch):
    """
    Classes and methods come as names, which another process can read.
    """
    monkeypatch.setattr("hwcheck.exercise.serving.workers._communicator", lambda: None)
    runner = SimpleNamespace(
        attn_groups=[[SimpleNamespace(backend=Backend)], None],
        model=SimpleNamespace(modules=lambda: [RMSNorm(), RMSNorm(), object()]),
    )

    told = worker_of(Worker({}, runner))

    assert told.worker == Named(name=f"{__name__}.Worker", module=__name__)
    assert [item.name for item in told.attention] == [f"{__name__}.Backend"]
    [method] = told.operators
    assert (method.operator, method.layers) == ("rms_norm", 2)
    assert told.adapters is None
    assert pickle.loads(pickle.dumps(told)) == told
