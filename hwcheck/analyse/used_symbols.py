"""Which names of a host a plugin uses: imports, attributes, calls, patches, bases, overrides."""

from collections.abc import Iterator

from hwcheck.analyse.entities import (
    ClassEntity,
    Entity,
    FunctionEntity,
    Instance,
    Missing,
    ModuleEntity,
    Side,
    Step,
    Value,
)
from hwcheck.analyse.overrides import derived, overrides
from hwcheck.analyse.world import World
from hwcheck.model.use import Code

__all__ = ["used_symbols"]


def used_symbols(world: World) -> frozenset[str]:
    """Name everything of the host that the plugin's code leads to, dotted, with the module.

    What a re-export stands for is named as well as the re-export.
    """
    found: set[str] = set()
    for code in world.plugin.files.values():
        found.update(_imported(world, code))
        for step in _steps(world, code):
            found.update(_symbols_of(step.entity))
            found.update(_attribute_of(world, step))
        for text in code.uses.texts:
            found.update(_symbols_of(world.resolve_path(text.text)))
    for one in derived(world):
        found.update(base.symbol for base in one.bases)
    for override in overrides(world):
        found.add(override.symbol)
    return frozenset(found)


def _imported(world: World, code: Code) -> Iterator[str]:
    for one in code.uses.imports:
        module = world.module(one.module)
        if isinstance(module, ModuleEntity | Missing) and module.side is Side.HOST:
            yield one.module
            if one.name and one.name != "*":
                yield f"{one.module}.{one.name}"
                yield from _symbols_of(world.lookup(one.module, one.name))


def _steps(world: World, code: Code) -> Iterator[Step]:
    uses = code.uses
    for access in uses.accesses:
        yield from world.walk(code, access.scope, access.chain, access.lines[0])
    for call in uses.calls:
        yield from world.walk(code, call.scope, call.callee, call.line)
    for store in uses.stores:
        yield from world.walk(code, store.scope, store.target, store.line)


def _symbols_of(entity: Entity) -> Iterator[str]:
    match entity:
        case ModuleEntity(name=name, side=Side.HOST):
            yield name
        case Instance(of=cls):
            yield from _symbols_of(cls)
        case (
            ClassEntity(side=Side.HOST)
            | FunctionEntity(side=Side.HOST)
            | Value(side=Side.HOST)
            | Missing(side=Side.HOST)
        ):
            yield entity.symbol


def _attribute_of(world: World, step: Step) -> Iterator[str]:
    """The attribute by all that may define it: the module, or the class and its bases."""
    name = step.prefix.rpartition(".")[2]
    if not name.isidentifier() or step.prefix == name:
        return
    owner = step.container.of if isinstance(step.container, Instance) else step.container
    if isinstance(owner, ClassEntity):
        for cls in world.mro(owner).classes:
            if cls.side is Side.HOST:
                yield f"{cls.symbol}.{name}"
    elif isinstance(owner, ModuleEntity) and owner.side is Side.HOST:
        yield f"{owner.name}.{name}"
