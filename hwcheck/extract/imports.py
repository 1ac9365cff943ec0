"""Imports, at whatever level and from wherever they count."""

import ast

from hwcheck.extract.state import State
from hwcheck.model.facts import Attribute, BindingKind
from hwcheck.model.use import Import

__all__ = ["IMPORTS", "import_dynamically", "resolve"]


def resolve(package: str, module: str, level: int) -> str:
    """Return the absolute name of what a relative import names."""
    if not level:
        return module
    parts = package.split(".") if package else []
    kept = parts[: len(parts) - level + 1] if level > 1 else parts
    return ".".join([*kept, module] if module else kept)


def _import(state: State, node: ast.stmt) -> None:
    assert isinstance(node, ast.Import)
    for alias in node.names:
        _note(state, alias.name, "", alias)


def _from(state: State, node: ast.stmt) -> None:
    assert isinstance(node, ast.ImportFrom)
    module = resolve(state.package, node.module or "", node.level)
    for alias in node.names:
        _note(state, module, alias.name, alias)


def _note(state: State, module: str, member: str, alias: ast.alias) -> None:
    line, frame = alias.lineno, state.frame
    name = alias.asname or (member or module.partition(".")[0])
    bound = f"{module}:{member}" if member else (module if alias.asname else name)
    if state.is_plugin and state.is_wanted(module):
        state.imports.append(Import(module, member, name, line, frame.index, state.place))
    if member == "*":
        state.bind("*", BindingKind.STAR, module)
    elif frame.kind == "module" or name in frame.outer_names:
        (state.foreign.discard if state.is_wanted(module) else state.foreign.add)(name)
        state.bind(name, BindingKind.FROM if member else BindingKind.IMPORT, module, member)
    elif frame.class_body is not None:
        made = Attribute(name, "", "", "", True, False, False, state.place)
        frame.class_body.attributes.append(made)
    else:
        state.local(name, bound, line, "import")


def import_dynamically(state: State, node: ast.Call, alias: str = "") -> str:
    """Note the import that a call makes; return the module, empty when it cannot be told."""
    first = node.args[0] if node.args else None
    if not (isinstance(first, ast.Constant) and isinstance(first.value, str)):
        return ""
    name = first.value
    level = len(name) - len(name.lstrip("."))
    module = resolve(state.package, name[level:], level)
    if state.is_plugin and state.is_wanted(module):
        place = (state.frame.index, state.place)
        state.imports.append(Import(module, "", alias, node.lineno, *place, True))
    return module


IMPORTS = {ast.Import: _import, ast.ImportFrom: _from}
