"""Annotated names in class bodies: the fields of dataclasses and their like."""

import ast

from hwcheck.extract.annotations import dotted
from hwcheck.extract.state import State
from hwcheck.model.facts import Attribute, Chain

__all__ = ["note_field"]

_FIELD_CALLS = frozenset({"field", "Field", "attrib", "ib", "PrivateAttr"})


def note_field(state: State, name: str, annotation: str, value: ast.expr | None) -> None:
    """Note an annotated name of a class body, with or without a value."""
    body = state.frame.class_body
    assert body is not None
    if annotation.rpartition(".")[2] == "KW_ONLY":
        body.is_keyword = True
        return
    chain = state.visit(value) if value is not None else ""
    bare = annotation.removeprefix("typing.")
    is_argument = not bare.startswith("ClassVar")
    is_keyword = body.is_keyword
    has_default = value is not None
    if isinstance(value, ast.Call) and _last(value) in _FIELD_CALLS:
        given = {keyword.arg: keyword.value for keyword in value.keywords}
        chain, has_default = _default(value, given, chain)
        is_argument &= not _is(given.get("init"), False)
        is_keyword |= _is(given.get("kw_only"), True)
    body.attributes.append(
        Attribute(name, "", annotation, chain, has_default, is_argument, is_keyword, state.place)
    )


def _default(call: ast.Call, given: dict[str | None, ast.expr], chain: Chain) -> tuple[Chain, bool]:
    """Return the chain of a field's default, and whether there is one."""
    if "default_factory" in given:
        factory = dotted(given["default_factory"])
        return (f"{factory}()" if factory else ""), True
    default = given.get("default", call.args[0] if call.args else None)
    if default is None or _is(default, ...):
        return "", False
    if isinstance(default, ast.Constant):
        return ("None()" if default.value is None else f"{type(default.value).__name__}()"), True
    return dotted(default), True


def _is(node: ast.expr | None, value: object) -> bool:
    return isinstance(node, ast.Constant) and node.value is value


def _last(call: ast.Call) -> str:
    return dotted(call.func).rpartition(".")[2]
