"""Constructors that are made from the fields of a class: dataclasses and NamedTuples."""

from hwcheck.analyse.entities import ClassEntity, External
from hwcheck.analyse.outside import is_field_maker
from hwcheck.analyse.resolver import Resolver
from hwcheck.model.facts import Parameter, ParameterKind

__all__ = ["fields_of", "is_dataclass", "is_named_tuple"]


def is_dataclass(cls: ClassEntity) -> bool:
    """Tell whether the class itself is decorated as a dataclass."""
    return any(is_field_maker(chain) for chain in cls.facts.decorators)


def is_named_tuple(resolver: Resolver, cls: ClassEntity) -> bool:
    """Tell whether the class is made by ``typing.NamedTuple``."""
    return any(
        isinstance(base := resolver.value_in(cls.module, chain), External)
        and base.symbol.endswith(".NamedTuple")
        for chain in cls.facts.bases
        if chain
    )


def fields_of(resolver: Resolver, cls: ClassEntity) -> tuple[Parameter, ...] | None:
    """Tell what the made constructor of a class takes; ``None`` when none is made."""
    if is_named_tuple(resolver, cls):
        return _parameters({}, cls, is_keyword=False)
    if not is_dataclass(cls):
        return None
    if resolver.own_member(cls, "__init__", instance=False) is not None:
        return None
    mro = resolver.mro(cls)
    if mro.is_open:
        return None
    fields: dict[str, Parameter] = {}
    for owner in reversed(mro.classes):
        if is_dataclass(owner):
            is_keyword = "kw_only" in owner.facts.options
            fields = {item.name: item for item in _parameters(fields, owner, is_keyword=is_keyword)}
    return _ordered(fields)


def _parameters(
    fields: dict[str, Parameter], cls: ClassEntity, *, is_keyword: bool
) -> tuple[Parameter, ...]:
    found = dict(fields)
    for attribute in cls.facts.attributes:
        if attribute.method or not attribute.annotation:
            continue
        if not attribute.is_argument:
            found.pop(attribute.name, None)
            continue
        keyword = is_keyword or attribute.is_keyword
        found[attribute.name] = Parameter(
            attribute.name,
            ParameterKind.KEYWORD if keyword else ParameterKind.EITHER,
            not attribute.has_default,
            attribute.annotation,
        )
    return tuple(found.values())


def _ordered(fields: dict[str, Parameter]) -> tuple[Parameter, ...]:
    """Put keyword-only fields last, as the made constructor does."""
    values = list(fields.values())
    keyword = [item for item in values if item.kind == ParameterKind.KEYWORD]
    return (*(item for item in values if item.kind != ParameterKind.KEYWORD), *keyword)
