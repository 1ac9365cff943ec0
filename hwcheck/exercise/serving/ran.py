"""What runs in an engine: the plugin's own parts, or the host's in their place."""

from collections import Counter
from collections.abc import Iterable, Iterator
from contextlib import suppress
from typing import Any

from hwcheck.exercise.serving.engine import Engine
from hwcheck.model.served import EngineSeen, OperatorSeen, PartSeen
from hwcheck.probe.attribution import Attribution
from hwcheck.probe.resolve import module_of, qualified_name

__all__ = ["compile_mode", "engine_seen", "graph_mode"]


def engine_seen(engine: Engine, model: str, attribution: Attribution) -> EngineSeen:
    """Look at the parts of an engine that has been started."""
    worker = engine.worker
    runner = getattr(worker, "model_runner", None)
    return EngineSeen(
        model=model,
        device=str(getattr(worker, "device", "")),
        dtype=engine.given.dtype,
        graph_mode=graph_mode(engine.config),
        compile_mode=compile_mode(engine.config),
        worker=_part(worker, attribution),
        runner=_part(runner, attribution),
        scheduler=_part(getattr(engine.core, "scheduler", None), attribution),
        attention=tuple(
            sorted({_class_part(cls, attribution) for cls in _backends(runner)}, key=repr)
        ),
        adapters=_adapters(runner, attribution),
        operators=tuple(sorted(_operators(runner, attribution), key=lambda item: item.name)),
    )


def graph_mode(config: Any) -> str:
    """Name what is captured as a graph; empty where this vLLM does not say."""
    return _mode(config, "cudagraph_mode")


def compile_mode(config: Any) -> str:
    """Name how models are compiled; empty where this vLLM does not say."""
    return _mode(config, "mode")


def _mode(config: Any, name: str) -> str:
    mode = getattr(getattr(config, "compilation_config", None), name, None)
    return "" if mode is None else str(getattr(mode, "name", mode))


def _part(thing: object, attribution: Attribution) -> PartSeen | None:
    return None if thing is None else _class_part(type(thing), attribution)


def _class_part(cls: type, attribution: Attribution) -> PartSeen:
    return PartSeen(name=qualified_name(cls), is_own=attribution.owns_module(module_of(cls)))


def _backends(runner: Any) -> Iterator[type]:
    """The attention backends of a runner that groups its layers as vLLM's does."""
    for groups in getattr(runner, "attn_groups", ()) or ():
        for group in groups if isinstance(groups, Iterable) else ():
            if isinstance(backend := getattr(group, "backend", None), type):
                yield backend


def _adapters(runner: Any, attribution: Attribution) -> PartSeen | None:
    with suppress(AttributeError):
        manager = runner.lora_manager._adapter_manager
        wrapper = getattr(manager, "punica_wrapper", None)
        if wrapper is None:
            wrapper = next(iter(manager.punica_wrapper_mapping.values()), None)
        return _part(wrapper, attribution)
    return None


def _operators(runner: Any, attribution: Attribution) -> Iterator[OperatorSeen]:
    found: Counter[tuple[str, str, bool]] = Counter()
    layers_of = getattr(getattr(runner, "model", None), "modules", tuple)
    for layer in layers_of():
        method = getattr(layer, "_forward_method", None)
        name = getattr(type(layer), "name", None)
        if method is None or not isinstance(name, str):
            continue
        function = getattr(method, "__func__", method)
        module = str(getattr(function, "__module__", ""))
        runs = f"{module}.{getattr(function, '__qualname__', function)}"
        found[name, runs, attribution.owns_module(module)] += 1
    for (name, runs, is_own), layers in found.items():
        yield OperatorSeen(name=name, runs=runs, is_own=is_own, layers=layers)
