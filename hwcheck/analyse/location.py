"""Where things of a host or plugin are defined."""

from hwcheck.analyse.entities import (
    ClassEntity,
    Entity,
    FunctionEntity,
    Instance,
    ModuleEntity,
)
from hwcheck.model.finding import Location

__all__ = ["line_of"]


def line_of(entity: Entity) -> Location | None:
    """Tell where a module, class or function is defined."""
    match entity:
        case Instance(of=cls):
            return line_of(cls)
        case ClassEntity(module=module, facts=facts):
            return Location(path=module.path, line=module.line_of(facts.name))
        case FunctionEntity(module=module, facts=function, owner=owner):
            name = f"{owner.facts.name}.{function.name}" if owner else function.name
            return Location(path=module.path, line=module.line_of(name))
        case ModuleEntity(facts=module) if module is not None:
            return Location(path=module.path, line=1)
    return None
