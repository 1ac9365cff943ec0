"""Texts that name classes: which texts do, what they are given for, what that place needs."""

from hwcheck.analyse.entities import ClassEntity, Entity, Missing, Side, Unknown
from hwcheck.analyse.overrides import host_classes, host_member
from hwcheck.analyse.subject import PluginCode
from hwcheck.analyse.world import World
from hwcheck.hosts.host_facts import HostFacts
from hwcheck.model.use import Code, Text

__all__ = [
    "ENVIRONMENT",
    "inherits",
    "is_asked_for",
    "is_path",
    "owned_by_host",
    "resolve",
    "slot_of",
    "variables_of",
    "wanted_base",
]

ENVIRONMENT = "vllm.envs"

_HOST = "vllm"
_PLATFORM = "the platform"

#: What vLLM imports for a place must inherit from a class of this name.
_BASES = {
    _PLATFORM: "Platform",
    "worker_cls": "WorkerBase",
    "scheduler_cls": "SchedulerInterface",
    "get_attn_backend_cls": "AttentionBackend",
    "get_device_communicator_cls": "DeviceCommunicatorBase",
    "get_punica_wrapper": "PunicaWrapperBase",
}


def is_path(plugin: PluginCode, text: str) -> bool:
    """Whether a text is a dotted name of the plugin or the host, with a module before it."""
    parts = text.replace(":", ".", 1).split(".")
    return (
        len(parts) > 1
        and (parts[0] == _HOST or parts[0] in plugin.tops)
        and all(part.isidentifier() for part in parts)
    )


def owned_by_host(path: str) -> bool:
    """Whether a path leads into the host."""
    return path.partition(".")[0] == _HOST


def resolve(world: World, path: str) -> Entity:
    """Find what a path names; missing when something on the way to it is."""
    entity = world.resolve_path(path)
    parent = path.replace(":", ".").rpartition(".")[0]
    if isinstance(entity, Unknown) and "." in parent:
        above = resolve(world, parent)
        return above if isinstance(above, Missing) else entity
    return entity


def slot_of(plugin: PluginCode, code: Code, text: Text) -> str:
    """Name the place that a text is given for; empty: none where vLLM imports what it names."""
    if text.role == "stored":
        name = text.subject.rpartition(".")[2]
        return name if name.endswith(("_cls", "_class")) else ""
    if text.role != "returned":
        return ""
    scope = code.uses.scopes[text.scope]
    name = scope.name.rpartition(".")[2]
    if scope.owner:
        return name if name in _BASES or name.endswith("_cls") else ""
    is_entry = any(
        (point.module, point.attribute) == (code.module.name, scope.name)
        for point in plugin.entry_points
    )
    return _PLATFORM if is_entry else ""


def is_asked_for(world: World, code: Code, text: Text, slot: str) -> bool:
    """Whether the host may ask for what a method returns: it calls such a method, or has one."""
    scope = code.uses.scopes[text.scope]
    if not slot or text.role != "returned" or not scope.owner:
        return True
    if world.host.calls_of([slot])[slot]:
        return True
    cls = world.class_of(code, scope.owner)
    bases = host_classes(world, cls) if cls is not None else ()
    return not bases or host_member(world, bases, slot) is not None


def wanted_base(world: World, slot: str) -> str | None:
    """Name the class that the place needs, where the host has a class of that name."""
    base = _BASES.get(slot)
    return base if base and world.host.defining([base])[base] else None


def inherits(world: World, cls: ClassEntity, base: str) -> bool:
    """Whether a class inherits from a host class of that name, or may do so unseen."""
    mro = world.mro(cls)
    return mro.is_open or any(
        item.side is Side.HOST and item.facts.name == base for item in mro.classes
    )


def variables_of(host: HostFacts) -> frozenset[str]:
    """Name the environment variables that the host knows."""
    module = host.module(ENVIRONMENT)
    if module is None:
        return frozenset()
    return frozenset(module.keys) | frozenset(binding.name for binding in module.bindings)
