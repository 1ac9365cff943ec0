"""How messages speak of what stands under a name."""

from typing import assert_never

from hwcheck.analyse.entities import (
    ClassEntity,
    Entity,
    External,
    FunctionEntity,
    Instance,
    Missing,
    ModuleEntity,
    Unknown,
    Value,
)
from hwcheck.analyse.world import World
from hwcheck.model.facts import Form

__all__ = ["describe", "last_name", "listed", "version"]


def version(world: World) -> str:
    """Name the host of a world."""
    return f"vllm {world.host.version}"


def listed(names: tuple[str, ...]) -> str:
    """Write names with quotes and commas."""
    return ", ".join(repr(name) for name in names)


def last_name(symbol: str) -> str:
    """Take the last part of a dotted name."""
    return symbol.rpartition(".")[2]


def describe(world: World, entity: Entity) -> str:
    """Say what an entity is: its kind, and for functions what they take."""
    match entity:
        case ModuleEntity():
            return f"module {entity.name}"
        case ClassEntity():
            return f"class {entity.symbol}"
        case FunctionEntity():
            return _describe_function(world, entity)
        case Instance():
            return f"an object of class {entity.of.symbol}"
        case Value():
            return f"a value, {entity.symbol}"
        case External():
            return f"something of {entity.symbol}"
        case Missing():
            return f"no {entity.symbol}"
        case Unknown():
            return "something that cannot be told"
    assert_never(entity)


def _describe_function(world: World, entity: FunctionEntity) -> str:
    facts = entity.facts
    if facts.form is Form.PROPERTY:
        return f"property {entity.symbol}" + (f" -> {facts.returns}" if facts.returns else "")
    word = "async " if facts.is_async else ""
    kind = "method" if entity.owner else "function"
    return f"{word}{kind} {entity.symbol}{world.signature_text(entity)}"
