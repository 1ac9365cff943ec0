"""The worker: built as vLLM builds it, and whether the calls of the engine fit it."""

import inspect
from collections.abc import Iterator
from dataclasses import fields
from importlib import import_module

from hwcheck.exercise.bench import Bench, Examination
from hwcheck.exercise.call_binding import called_fault, only_refuses
from hwcheck.exercise.failures import failed_in_use
from hwcheck.exercise.preparation import Unprepared, configuration, prepared
from hwcheck.exercise.tiny_config import current_config
from hwcheck.exercise.verdicts import broken, kept, not_applicable, not_measured
from hwcheck.hosts.bases import BaseCall, Need, base_of
from hwcheck.model.examination import ExaminedCase
from hwcheck.probe.resolve import module_of, owner_of, qualified_name, resolve, source_place

__all__ = ["EXAMINATIONS"]

#: Bytes of the KV cache; without a number, vLLM's CPU worker weighs the machine's free memory.
_CACHE_BYTES = 1 << 24

#: What these features need of the worker is a contract where the platform claims them.
_CLAIMS = {"lora": "get_punica_wrapper", "sleep-mode": "is_sleep_mode_available"}


@prepared
def construct(bench: Bench) -> Iterator[ExaminedCase]:
    """Built with the keywords of the executor, on a configuration of its own."""
    config = configuration(bench, cache_config=_cache_config())
    cls = _worker_class(config)
    (call,) = (item for item in _calls(bench) if item.name == "__init__")
    given: dict[str, object] = {
        "vllm_config": config,
        "local_rank": 0,
        "rank": 0,
        "distributed_init_method": "tcp://127.0.0.1:1",
        "is_driver_worker": True,
    }
    try:
        with current_config(config):
            worker = cls(**{name: given[name] for name in call.form.keywords})
    except BaseException as error:
        yield failed_in_use(bench, error, f"{cls.__qualname__}({', '.join(given)})", made_of=cls)
        return
    yield _built(bench, worker, cls)


def _built(bench: Bench, worker: object, cls: type) -> ExaminedCase:
    if getattr(worker, "vllm_config", None) is None:
        return broken(
            "it keeps no vllm_config, which the methods of WorkerBase read: "
            "super().__init__() was not called",
            place=source_place(cls, bench.attribution),
        )
    return kept()


@prepared
def signature(bench: Bench) -> Iterator[ExaminedCase]:
    """Each call that this vLLM makes, bound to the signature of the method."""
    cls = _worker_class(configuration(bench))
    for name, calls in _by_name(bench).items():
        if name != "__init__":
            yield _bound(bench, cls, name, calls)


def _bound(bench: Bench, cls: type, name: str, calls: list[BaseCall]) -> ExaminedCase:
    owner = owner_of(cls, name)
    if owner is None or (_is_bare(owner) and calls[0].need is not Need.PROVIDED):
        if calls[0].need is Need.ALWAYS:
            return not_measured("the worker has no such method", name, blocked_by="worker.method")
        return not_applicable(f"not defined; only {calls[0].feature} needs it", name)
    base = resolve(base_of("worker").path)
    for call in calls:
        fault = called_fault(cls, name, call.form)
        # A form that vLLM's own base would not take is not how this vLLM calls.
        declined = isinstance(base, type) and hasattr(base, name)
        if fault is None or (declined and called_fault(base, name, call.form)):  # type: ignore[arg-type]
            continue
        if not bench.attribution.owns_module(module_of(owner)):
            return not_measured(f"vLLM's own {owner.__qualname__}: {fault}", name)
        member = inspect.getattr_static(cls, name)
        place = source_place(getattr(member, "fget", getattr(cls, name)), bench.attribution)
        return broken(f"{fault}. {call.relied_on_by}: {call.effect}", name, place=place)
    return kept(name)


@prepared
def feature_methods(bench: Bench) -> Iterator[ExaminedCase]:
    """All methods of a capability that the platform claims, none of which only refuses."""
    cls = _worker_class(configuration(bench))
    features: dict[str, list[str]] = {}
    for call in _calls(bench):
        if call.need is Need.FEATURE:
            features.setdefault(call.feature, []).append(call.name)
    for feature, names in features.items():
        yield _capable(bench, cls, feature, sorted(set(names)))


def _capable(bench: Bench, cls: type, feature: str, names: list[str]) -> ExaminedCase:
    claim = _CLAIMS.get(feature)
    claimed = claim is not None and _claims(bench, claim)
    have = [name for name in names if _has(cls, name)]
    refused = [name for name in have if only_refuses(cls, name)]
    if not claimed:
        if not have or refused:
            return not_applicable("nothing claims it", feature)
        return kept(feature)
    missing = [name for name in names if name not in have]
    if missing or refused:
        what = [
            f"has no {', '.join(missing)}" if missing else "",
            f"only raises NotImplementedError in {', '.join(refused)}" if refused else "",
        ]
        return broken(
            f"{claim} claims it, and the worker {' and '.join(filter(None, what))}",
            feature,
            place=source_place(getattr(cls, refused[0]) if refused else cls, bench.attribution),
        )
    return kept(feature)


def _claims(bench: Bench, member: str) -> bool:
    try:
        return bool(getattr(bench.platform, member)())
    # Refusing is the base's way of saying no; others judge what else it raises.
    except Exception:
        return False


def _has(cls: type, name: str) -> bool:
    owner = owner_of(cls, name)
    return owner is not None and not _is_bare(owner)


def _is_bare(owner: type) -> bool:
    """Whether it is the base itself, whose methods for features only raise."""
    return qualified_name(owner) == base_of("worker").path


def _worker_class(config: object) -> type:
    path = config.parallel_config.worker_cls  # type: ignore[attr-defined]
    try:
        cls = resolve(path)
    except Exception as error:
        raise Unprepared(
            not_measured(f"the worker class {path!r} cannot be had", blocked_by="worker.base")
        ) from error
    if not isinstance(cls, type):
        raise Unprepared(not_measured(f"{path!r} is no class", blocked_by="worker.base"))
    return cls


def _cache_config() -> object:
    cls = import_module("vllm.config").CacheConfig
    known = {field.name for field in fields(cls)}
    sizes = {"kv_cache_memory_bytes": _CACHE_BYTES, "gpu_memory_utilization": 0.05}
    built: object = cls(**{name: value for name, value in sizes.items() if name in known})
    return built


def _by_name(bench: Bench) -> dict[str, list[BaseCall]]:
    found: dict[str, list[BaseCall]] = {}
    for call in _calls(bench):
        found.setdefault(call.name, []).append(call)
    return found


def _calls(bench: Bench) -> tuple[BaseCall, ...]:
    return base_of("worker").calls_in(bench.host_version)


EXAMINATIONS: dict[str, Examination] = {
    "worker.construct": construct,
    "worker.signature": signature,
    "worker.feature-methods": feature_methods,
}
