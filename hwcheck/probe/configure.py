"""The configuration that a platform makes of vLLM's defaults."""

from importlib import import_module

from hwcheck.model.observation import Configured
from hwcheck.probe.attribution import Attribution
from hwcheck.probe.resolve import class_seen, qualified_name, resolve

__all__ = ["configured"]

_WORKER_BASE = "vllm.v1.worker.worker_base.WorkerBase"


def configured(attribution: Attribution) -> Configured:
    """Build a `VllmConfig` without a model, and resolve the worker that it then has."""
    config = import_module("vllm.config").VllmConfig()
    path = config.parallel_config.worker_cls
    if not isinstance(path, str) or "." not in path:
        return Configured(worker_class=str(path), worker=None)
    cls = resolve(path)
    return Configured(
        worker_class=path, worker=class_seen(path, cls, attribution), methods=_methods(cls)
    )


def _methods(cls: object) -> tuple[str, ...]:
    names = {
        name
        for owner in getattr(cls, "__mro__", ())
        if owner is not object and qualified_name(owner) != _WORKER_BASE
        for name in vars(owner)
        if not name.startswith("_")
    }
    return tuple(sorted(names))
