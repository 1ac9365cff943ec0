"""What the platform puts into the engine: scheduler, executor, kinds of KV caches."""

from collections.abc import Iterator
from importlib import import_module

from hwcheck.exercise.bench import Bench, Examination
from hwcheck.exercise.call_binding import constructed_fault
from hwcheck.exercise.failures import failed_in_use
from hwcheck.exercise.parts.cache_config import tiny_cache_config
from hwcheck.exercise.preparation import configuration, prepared
from hwcheck.exercise.tiny_config import current_config
from hwcheck.exercise.verdicts import broken, kept, not_applicable, not_measured
from hwcheck.hosts.bases import base_of
from hwcheck.model.examination import ExaminedCase
from hwcheck.probe.resolve import module_of, owner_of, resolve, source_place

__all__ = ["EXAMINATIONS"]


@prepared
def scheduler(bench: Bench) -> Iterator[ExaminedCase]:
    """Complete, constructed as the engine does, and able to say that there is nothing to do."""
    config = configuration(bench)
    try:
        cls = _scheduler_class(config.scheduler_config)  # type: ignore[attr-defined]
    except BaseException as error:
        yield failed_in_use(bench, error, "resolving the scheduler's class")
        return
    if not isinstance(cls, type) or not bench.attribution.owns_module(module_of(cls)):
        yield not_applicable("the platform leaves vLLM's own scheduler")
        return
    fault = _incomplete(bench, cls, "scheduler")
    if fault is not None:
        yield fault
        return
    yield _scheduled(bench, cls, config)


def _scheduler_class(settings: object) -> object:
    if hasattr(settings, "get_scheduler_cls"):
        cls: object = settings.get_scheduler_cls()
        return cls
    named = settings.scheduler_cls  # type: ignore[attr-defined]
    # The default of 0.11.0 names a module that it has no more, and is replaced later.
    is_path = isinstance(named, str) and not named.startswith("vllm.")
    return resolve(named) if is_path else named


def _scheduled(bench: Bench, cls: type, config: object) -> ExaminedCase:
    cache = tiny_cache_config(bench, config)
    size = config.cache_config.block_size  # type: ignore[attr-defined]
    outputs = import_module("vllm.v1.structured_output").StructuredOutputManager(config)
    (call,) = (
        item
        for item in base_of("scheduler").calls_in(bench.host_version)
        if item.name == "__init__"
    )
    given = {
        "vllm_config": config,
        "kv_cache_config": cache,
        "structured_output_manager": outputs,
        "include_finished_set": False,
        "log_stats": False,
        "block_size": size,
        "hash_block_size": size,
    }
    try:
        with current_config(config):
            made = cls(**{name: given[name] for name in call.form.keywords})
            told = made.schedule()
            waiting = made.has_requests()
    except BaseException as error:
        return failed_in_use(bench, error, f"{cls.__qualname__}(), and schedule() of nothing")
    number = getattr(told, "total_num_scheduled_tokens", None)
    if number == 0 and not waiting:
        return kept()
    return broken(
        f"without any request, schedule() has {number} tokens and has_requests() is {waiting}",
        place=source_place(cls, bench.attribution),
    )


@prepared
def executor(bench: Bench) -> Iterator[ExaminedCase]:
    """An executor of the platform's own is of the right base, and complete."""
    config = configuration(bench)
    chosen = config.parallel_config.distributed_executor_backend  # type: ignore[attr-defined]
    try:
        cls = resolve(chosen) if isinstance(chosen, str) and "." in chosen else chosen
    except BaseException as error:
        yield failed_in_use(bench, error, f"resolving the executor {chosen!r}")
        return
    is_own = isinstance(cls, type) and bench.attribution.owns_module(module_of(cls))
    if not isinstance(cls, type) or not is_own:
        yield not_applicable("the platform leaves vLLM's own executors")
        return
    fault = _incomplete(bench, cls, "executor")
    yield kept() if fault is None else fault


def _incomplete(bench: Bench, cls: type, base: str) -> ExaminedCase | None:
    facts = base_of(base)
    place = source_place(cls, bench.attribution)
    wanted = resolve(facts.path)
    if isinstance(wanted, type) and not issubclass(cls, wanted):
        return broken(f"{cls.__qualname__} does not derive from {facts.path}", place=place)
    left = sorted(getattr(cls, "__abstractmethods__", ()))
    if left:
        return broken(f"{cls.__qualname__} leaves {', '.join(left)} abstract", place=place)
    for call in facts.calls_in(bench.host_version):
        fault = constructed_fault(cls, call.form)
        if fault is not None and call.name == "__init__":
            return broken(f"{fault}. {call.relied_on_by}", place=place)
    return None


@prepared
def specs(bench: Bench) -> Iterator[ExaminedCase]:
    """Specifications that the plugin registers have managers; the platform's builder is whole."""
    yield _registered(bench)
    yield _cache_builder(bench)


def _registered(bench: Bench) -> ExaminedCase:
    case = "registered"
    register = getattr(bench.platform, "register_custom_kv_cache_specs", None)
    if owner_of(type(bench.platform), "register_custom_kv_cache_specs") is None:
        return not_applicable("this vLLM has no register_custom_kv_cache_specs()", case)
    if not callable(register) or not (bench.control or bench.is_own(register.__name__)):
        return not_applicable("the platform registers none", case)
    config = configuration(bench)
    module = import_module("vllm.v1.kv_cache_spec_registry")
    try:
        with current_config(config):
            module.KVCacheSpecRegistry._ensure_registered(config)
            # Each process registers once, but a forked one has its parent's.
            register(config)
    except BaseException as error:
        return failed_in_use(
            bench, error, "registering the platform's KV cache specifications", case
        )
    return _managed(bench, module, case)


def _managed(bench: Bench, module: object, case: str) -> ExaminedCase:
    base = import_module("vllm.v1.core.single_type_kv_cache_manager").SingleTypeKVCacheManager
    known = module._REGISTRY_KVCACHESPEC_LIST  # type: ignore[attr-defined]
    own = [item for item in known.values() if _is_own(bench, item.kvcache_spec_cls)]
    for item in own:
        manager = item.manager_class
        place = source_place(item.kvcache_spec_cls, bench.attribution)
        if not isinstance(manager, type) or not issubclass(manager, base):
            return broken(
                f"the manager of {item.kvcache_spec_cls.__qualname__} is {manager!r}, no "
                "SingleTypeKVCacheManager",
                case,
                place=place,
            )
        left = sorted(getattr(manager, "__abstractmethods__", ()))
        if left:
            return broken(
                f"{manager.__qualname__} leaves {', '.join(left)} abstract", case, place=place
            )
    return kept(case) if own else not_applicable("the platform registers none", case)


def _is_own(bench: Bench, cls: type) -> bool:
    return bench.attribution.owns_module(module_of(cls))


def _cache_builder(bench: Bench) -> ExaminedCase:
    case = "builder"
    member = "get_kv_cache_config_builder_cls"
    if owner_of(type(bench.platform), member) is None:
        return not_applicable(f"this vLLM has no {member}()", case)
    if not bench.is_own(member):
        return not_applicable("the platform leaves vLLM's own", case)
    config = configuration(bench)
    try:
        path = getattr(bench.platform, member)(config)
        cls = resolve(path)
        if not isinstance(cls, type):
            return not_measured(f"{path!r} is no class", case, blocked_by="platform.class-path")
        fault = _incomplete_builder(bench, cls, case)
        if fault is None:
            cls()
    except BaseException as error:
        return failed_in_use(bench, error, "making the builder of KV cache configurations", case)
    return kept(case) if fault is None else fault


def _incomplete_builder(bench: Bench, cls: type, case: str) -> ExaminedCase | None:
    base = resolve(base_of("kv-cache-config-builder").path)
    left = sorted(getattr(cls, "__abstractmethods__", ()))
    place = source_place(cls, bench.attribution)
    if isinstance(base, type) and not issubclass(cls, base):
        return broken(f"{cls.__qualname__} is no {base.__qualname__}", case, place=place)
    if left:
        return broken(f"{cls.__qualname__} leaves {', '.join(left)} abstract", case, place=place)
    return None


EXAMINATIONS: dict[str, Examination] = {
    "scheduler.interface": scheduler,
    "executor.interface": executor,
    "kv.specs": specs,
}
