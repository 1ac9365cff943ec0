"""Parameter lists."""

import ast

from hwcheck.extract.annotations import text
from hwcheck.model.facts import Parameter, ParameterKind

__all__ = ["parameters_of"]


def parameters_of(given: ast.arguments) -> tuple[Parameter, ...]:
    """List the parameters of a function or lambda."""
    found: list[Parameter] = []
    plain = [*given.posonlyargs, *given.args]
    required = len(plain) - len(given.defaults)
    positional = len(given.posonlyargs)
    for place, each in enumerate(plain):
        kind = ParameterKind.POSITIONAL if place < positional else ParameterKind.EITHER
        found.append(Parameter(each.arg, kind, place < required, text(each.annotation)))
    if given.vararg is not None:
        each = given.vararg
        found.append(Parameter(each.arg, ParameterKind.VARIADIC, False, text(each.annotation)))
    for each, default in zip(given.kwonlyargs, given.kw_defaults, strict=True):
        annotation = text(each.annotation)
        found.append(Parameter(each.arg, ParameterKind.KEYWORD, default is None, annotation))
    if given.kwarg is not None:
        each = given.kwarg
        found.append(Parameter(each.arg, ParameterKind.KEYWORDS, False, text(each.annotation)))
    return tuple(found)
