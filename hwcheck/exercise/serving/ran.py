"""What runs in an engine: the plugin's own parts, or the host's in their place."""

from dataclasses import replace
from typing import Any

from hwcheck.exercise.serving.engine import Engine
from hwcheck.exercise.serving.workers import Method, Named, Worker, worker_of
from hwcheck.model.served import EngineSeen, OperatorSeen, PartSeen, RankSeen
from hwcheck.probe.attribution import Attribution
from hwcheck.probe.resolve import module_of, qualified_name

__all__ = ["compile_mode", "engine_seen", "graph_mode", "seen"]


def engine_seen(engine: Engine, model: str, attribution: Attribution) -> EngineSeen:
    """Look at the parts of an engine that has been started."""
    scheduler = getattr(engine.core, "scheduler", None)
    return seen(
        engine.ask_workers(worker_of),
        model=model,
        config=engine.config,
        scheduler=None if scheduler is None else type(scheduler),
        attribution=attribution,
    )


def seen(
    workers: list[Worker],
    *,
    model: str,
    config: Any,
    scheduler: type | None,
    attribution: Attribution,
) -> EngineSeen:
    """Put together what the workers of an engine told, and whose each part is."""
    ranks = sorted(workers, key=lambda item: item.rank)
    plain = EngineSeen(
        model=model,
        device="",
        dtype=str(config.model_config.dtype).removeprefix("torch."),
        graph_mode=graph_mode(config),
        compile_mode=compile_mode(config),
        scheduler=None if scheduler is None else _class_part(scheduler, attribution),
    )
    if not ranks:
        return plain
    first = ranks[0]
    return replace(
        plain,
        device=first.device,
        worker=_part(first.worker, attribution),
        runner=_part(first.runner, attribution),
        attention=tuple(_known(item, attribution) for item in first.attention),
        adapters=_part(first.adapters, attribution),
        communicator=_part(first.communicator, attribution),
        operators=tuple(
            sorted(
                (_operator(item, attribution) for item in first.operators),
                key=lambda item: item.name,
            )
        ),
        ranks=tuple(
            RankSeen(rank=item.rank, device=item.device, worker=_part(item.worker, attribution))
            for item in (ranks if len(ranks) > 1 else ())
        ),
    )


def _part(named: Named | None, attribution: Attribution) -> PartSeen | None:
    return None if named is None else _known(named, attribution)


def _known(named: Named, attribution: Attribution) -> PartSeen:
    return PartSeen(name=named.name, is_own=attribution.owns_module(named.module))


def _class_part(cls: type, attribution: Attribution) -> PartSeen:
    return _known(Named(name=qualified_name(cls), module=module_of(cls)), attribution)


def _operator(method: Method, attribution: Attribution) -> OperatorSeen:
    return OperatorSeen(
        name=method.operator,
        runs=method.name,
        is_own=attribution.owns_module(method.module),
        layers=method.layers,
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
