"""The connectors that move the KV cache elsewhere, as far as the plugin registered them."""

import inspect
from collections.abc import Callable, Iterator, Mapping
from importlib import import_module

from hwcheck.exercise.bench import Bench, Examination
from hwcheck.exercise.failures import failed_in_use, is_misfit
from hwcheck.exercise.parts.cache_config import tiny_cache_config
from hwcheck.exercise.preparation import configuration, prepared
from hwcheck.exercise.tiny_config import current_config
from hwcheck.exercise.verdicts import broken, kept, not_applicable, not_measured
from hwcheck.hosts.bases import base_of
from hwcheck.model.examination import ExaminedCase
from hwcheck.probe.resolve import module_of, owner_of, resolve, source_place

__all__ = ["EXAMINATIONS"]

_FACTORY = "vllm.distributed.kv_transfer.kv_connector.factory"
_ROLES = "vllm.distributed.kv_transfer.kv_connector.v1.base"
#: What vLLM asks in each role that reads what the base's constructor sets; older releases ask less.
_INHERITED = {
    "SCHEDULER": ("requires_kv_delivery", "_kv_transfer_config"),
    "WORKER": ("has_connector_metadata", "_connector_metadata"),
}
#: What a control looks at: vLLM's own that needs no other library, by its names so far.
_IN_TREE = ("ExampleConnector", "SharedStorageConnector")


@prepared
def abstract(bench: Bench) -> Iterator[ExaminedCase]:
    """Its lazy path resolves to a class of the right base with nothing left abstract."""
    names = _registered(bench)
    if not names:
        yield not_applicable("the plugin registers no KV connector")
    for name in names:
        yield _complete(bench, name)


def _complete(bench: Bench, name: str) -> ExaminedCase:
    try:
        cls = _registry()[name]()
    except BaseException as error:
        return _unresolved(bench, error, name)
    base = resolve(base_of("kv-connector").path)
    place = source_place(cls, bench.attribution)
    if not isinstance(cls, type) or not issubclass(cls, base):  # type: ignore[arg-type]
        return broken(f"{cls!r} does not derive from {base_of('kv-connector').path}", name)
    left = sorted(getattr(cls, "__abstractmethods__", ()))
    if left:
        return broken(f"{cls.__qualname__} leaves {', '.join(left)} abstract", name, place=place)
    return kept(name)


def _unresolved(bench: Bench, error: BaseException, name: str) -> ExaminedCase:
    own = isinstance(error, ImportError) and bench.attribution.owns_module(error.name or "")
    if own or isinstance(error, AttributeError):
        return broken(f"the registered path does not resolve: {error}", name)
    return failed_in_use(bench, error, "importing the connector", name)


@prepared
def construct(bench: Bench) -> Iterator[ExaminedCase]:
    """Made by vLLM's factory for the scheduler's side and for the worker's."""
    names = _registered(bench)
    if not names:
        yield not_applicable("the plugin registers no KV connector")
    for name in names:
        if _complete(bench, name).state is not kept().state:
            yield not_measured("its class is not complete", name, blocked_by="connector.abstract")
            continue
        yield from _made(bench, name)


def _made(bench: Bench, name: str) -> Iterator[ExaminedCase]:
    transfer = import_module("vllm.config").KVTransferConfig(
        kv_connector=name, kv_role="kv_both", kv_connector_extra_config={}
    )
    config = configuration(bench, kv_transfer_config=transfer)
    # Only connectors that say so can be used with several groups of caches.
    config.scheduler_config.disable_hybrid_kv_cache_manager = True  # type: ignore[attr-defined]
    factory = import_module(_FACTORY).KVConnectorFactory.create_connector
    roles = import_module(_ROLES).KVConnectorRole
    cls = _registry()[name]()
    for role in (roles.SCHEDULER, roles.WORKER):
        case = f"{name}-{role.name.lower()}"
        given: dict[str, object] = {"config": config, "role": role}
        if "kv_cache_config" in inspect.signature(factory).parameters:
            given["kv_cache_config"] = tiny_cache_config(bench, config)
        try:
            with current_config(config):
                made = factory(**given)
        except BaseException as error:
            yield _unmade(bench, error, cls, case)
            continue
        yield _ready(bench, made, role.name, case)


def _unmade(bench: Bench, error: BaseException, cls: object, case: str) -> ExaminedCase:
    raised = bench.attribution.raised(error)
    reason = f"create_connector() raises {raised.type}: {raised.message}"
    if is_misfit(error):
        place = raised.place if raised.in_plugin else source_place(cls, bench.attribution)
        return broken(reason, case, place=place)
    # A connector may look for its server, its store or its configuration.
    return not_measured(f"{reason}; it may need what is not here", case)


def _ready(bench: Bench, made: object, role: str, case: str) -> ExaminedCase:
    member, attribute = _INHERITED[role]
    is_inherited = owner_of(type(made), member) is resolve(base_of("kv-connector").path)
    if not is_inherited or hasattr(made, attribute):
        return kept(case)
    return broken(
        f"super().__init__() was not called: {member}, which vLLM asks and which it inherits, "
        f"reads {attribute}",
        case,
        place=source_place(type(made), bench.attribution),
    )


def _registered(bench: Bench) -> tuple[str, ...]:
    """The names whose modules are the plugin's, nothing imported."""
    registry = _registry()
    if bench.control:
        return tuple(name for name in _IN_TREE if name in registry)[:1]
    return tuple(
        sorted(
            name
            for name, loader in registry.items()
            if bench.attribution.owns_module(_module_of_loader(loader))
        )
    )


def _module_of_loader(loader: Callable[[], object]) -> str:
    try:
        held = inspect.getclosurevars(loader).nonlocals
    # A loader of the plugin's own making.
    except TypeError:
        return module_of(type(loader))
    return str(held.get("module_path", getattr(loader, "__module__", "")))


def _registry() -> Mapping[str, Callable[[], object]]:
    registry: Mapping[str, Callable[[], object]]
    registry = import_module(_FACTORY).KVConnectorFactory._registry
    return registry


EXAMINATIONS: dict[str, Examination] = {
    "connector.abstract": abstract,
    "connector.construct": construct,
}
