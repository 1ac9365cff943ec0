"""What a worker tells of itself, asked in its own process, which may be another one than ours."""

import os
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from importlib import import_module
from typing import Any

from hwcheck.probe.resolve import module_of, qualified_name

__all__ = ["Layer", "Method", "Named", "Rank", "Worker", "rank_of", "watch_layers", "worker_of"]

#: Calls of the layers of this process's worker, since they are watched.
_CALLS: Counter[str] = Counter()


@dataclass(frozen=True, slots=True, kw_only=True)
class Named:
    """A class, by its dotted name and by the module that defines it."""

    name: str
    module: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Method:
    """The method that layers of one operator class call."""

    operator: str
    """vLLM's name of the operator."""
    name: str
    module: str
    layers: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Worker:
    """One worker and what it is made of."""

    rank: int
    device: str
    worker: Named | None
    runner: Named | None
    attention: tuple[Named, ...]
    adapters: Named | None
    communicator: Named | None
    """What connects it with other workers."""
    operators: tuple[Method, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Layer:
    """One layer of a worker that keeps keys and values."""

    name: str
    heads: int
    """Heads of keys and values that this worker keeps."""
    calls: int
    """How often it was called since it is watched."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Rank:
    """The place of one worker among those of its engine."""

    rank: int
    world_size: int
    process: int
    layers: tuple[Layer, ...]


def worker_of(wrapper: Any) -> Worker:
    """Tell what a worker is made of; `wrapper` is it, or vLLM's wrapper around it."""
    worker = _unwrapped(wrapper)
    runner = getattr(worker, "model_runner", None)
    return Worker(
        rank=_rank(worker),
        device=str(getattr(worker, "device", "")),
        worker=None if worker is None else _named(type(worker)),
        runner=None if runner is None else _named(type(runner)),
        attention=tuple(sorted({_named(cls) for cls in _backends(runner)}, key=repr)),
        adapters=_adapters(runner),
        communicator=_communicator(),
        operators=tuple(_operators(runner)),
    )


def watch_layers(wrapper: Any) -> int:
    """Count the calls of a worker's attention layers from now on; return how many there are."""
    layers = _layers(_unwrapped(wrapper))
    _CALLS.clear()
    for name, layer in layers.items():

        def count(*_: object, name: str = name) -> None:
            _CALLS[name] += 1

        layer.register_forward_hook(count)
    return len(layers)


def rank_of(wrapper: Any) -> Rank:
    """Tell the place of a worker among the others, and what it did since it is watched."""
    worker = _unwrapped(wrapper)
    return Rank(
        rank=_rank(worker),
        world_size=_world_size(),
        process=os.getpid(),
        layers=tuple(
            Layer(name=name, heads=int(getattr(layer, "num_kv_heads", 0)), calls=_CALLS[name])
            for name, layer in sorted(_layers(worker).items())
        ),
    )


def _unwrapped(wrapper: Any) -> Any:
    return getattr(wrapper, "worker", wrapper)


def _rank(worker: Any) -> int:
    return int(getattr(worker, "rank", 0) or 0)


def _world_size() -> int:
    distributed = import_module("torch.distributed")
    return int(distributed.get_world_size()) if distributed.is_initialized() else 1


def _layers(worker: Any) -> Mapping[str, Any]:
    """The layers of vLLM's that keep keys and values; empty for models of a plugin's own making."""
    with suppress(AttributeError):
        context = worker.vllm_config.compilation_config.static_forward_context
        return {name: layer for name, layer in context.items() if hasattr(layer, "num_kv_heads")}
    return {}


def _named(cls: type) -> Named:
    return Named(name=qualified_name(cls), module=module_of(cls))


def _backends(runner: Any) -> Iterator[type]:
    """The attention backends of a runner that groups its layers as vLLM's does."""
    for groups in getattr(runner, "attn_groups", ()) or ():
        for group in groups if isinstance(groups, Iterable) else ():
            if isinstance(backend := getattr(group, "backend", None), type):
                yield backend


def _adapters(runner: Any) -> Named | None:
    with suppress(AttributeError):
        manager = runner.lora_manager._adapter_manager
        wrapper = getattr(manager, "punica_wrapper", None)
        if wrapper is None:
            wrapper = next(iter(manager.punica_wrapper_mapping.values()), None)
        return None if wrapper is None else _named(type(wrapper))
    return None


def _communicator() -> Named | None:
    """The class that connects this process with others; of its groups, the first that has any."""
    groups = import_module("vllm.distributed.parallel_state")
    for name in ("_TP", "_PP"):
        group = getattr(groups, name, None)
        if getattr(group, "world_size", 1) > 1:
            communicator = getattr(group, "device_communicator", None)
            return None if communicator is None else _named(type(communicator))
    return None


def _operators(runner: Any) -> Iterator[Method]:
    found: Counter[tuple[str, str, str]] = Counter()
    layers_of = getattr(getattr(runner, "model", None), "modules", tuple)
    for layer in layers_of():
        method = getattr(layer, "_forward_method", None)
        name = getattr(type(layer), "name", None)
        if method is None or not isinstance(name, str):
            continue
        function = getattr(method, "__func__", method)
        module = str(getattr(function, "__module__", ""))
        runs = f"{module}.{getattr(function, '__qualname__', function)}"
        found[name, runs, module] += 1
    for (name, runs, module), layers in found.items():
        yield Method(operator=name, name=runs, module=module, layers=layers)
