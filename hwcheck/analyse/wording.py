"""Signatures and places, as messages show them."""

from hwcheck.analyse.entities import (
    ClassEntity,
    Entity,
    FunctionEntity,
    Instance,
    ModuleEntity,
)
from hwcheck.model.facts import Parameter, ParameterKind
from hwcheck.model.finding import Location

__all__ = ["line_of", "parameters_text"]


def parameters_text(parameters: tuple[Parameter, ...]) -> str:
    """Write parameters as in a definition: ``(self, a, /, b=..., *, c)``."""
    parts: list[str] = []
    last: ParameterKind | None = None
    for item in parameters:
        if last == ParameterKind.POSITIONAL and item.kind != ParameterKind.POSITIONAL:
            parts.append("/")
        if item.kind == ParameterKind.KEYWORD and last not in {
            ParameterKind.KEYWORD,
            ParameterKind.VARIADIC,
        }:
            parts.append("*")
        parts.append(_written(item))
        last = item.kind
    if last == ParameterKind.POSITIONAL:
        parts.append("/")
    return f"({', '.join(parts)})"


def _written(item: Parameter) -> str:
    match item.kind:
        case ParameterKind.VARIADIC:
            return f"*{item.name}"
        case ParameterKind.KEYWORDS:
            return f"**{item.name}"
    return item.name if item.is_required else f"{item.name}=..."


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
