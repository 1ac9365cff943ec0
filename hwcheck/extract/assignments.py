"""Statements that bind: assignments, deletions, ``global``."""

import ast
from collections.abc import Iterator

from hwcheck.extract.annotations import dotted, text
from hwcheck.extract.calls import keys_of
from hwcheck.extract.conditions import NEVER
from hwcheck.extract.expressions import alternatives
from hwcheck.extract.fields import note_field
from hwcheck.extract.imports import import_dynamically
from hwcheck.extract.state import State, StatementHandler
from hwcheck.extract.targets import bind_name, bind_target, store
from hwcheck.extract.truth import condition_of_call, test
from hwcheck.extract.versions import note_version
from hwcheck.model.facts import ALWAYS, Binding, BindingKind, Chain, Condition, ConditionKind
from hwcheck.model.use import Local, Unpack

__all__ = ["ASSIGNMENTS"]

_MAY_BE_VERSION = frozenset(
    {ast.Attribute, ast.BoolOp, ast.Call, ast.Constant, ast.IfExp, ast.Name}
)
_NO_FLAG = (ConditionKind.TRUTH, ConditionKind.UNKNOWN)


def _assign(state: State, node: ast.stmt) -> None:
    assert isinstance(node, ast.Assign)
    _assign_all(state, node.targets, node.value)


def _assign_all(
    state: State, targets: list[ast.expr], value: ast.expr, annotation: str = ""
) -> None:
    first = targets[0]
    if isinstance(first, ast.Tuple | ast.List):
        _unpack(state, first, value)
        targets = targets[1:]
        if not targets:
            return
    outer = state.guard
    name = first.id if isinstance(first, ast.Name) else ""
    if name and len(targets) == 1 and _bind_special(state, name, value):
        return
    if name and state.is_plugin and type(value) in _MAY_BE_VERSION:
        note_version(state, name, value)
    annotation = annotation or _cast_annotation(value)
    for chain, condition in _values(state, name, value):
        for target in targets:
            if isinstance(target, ast.Tuple | ast.List):
                bind_target(state, target, chain)
                continue
            bind_target(
                state, target, chain, value=value, condition=condition, annotation=annotation
            )
        state.guard = outer


def _values(state: State, name: str, value: ast.expr) -> Iterator[tuple[Chain, Condition | None]]:
    """Visit a value; give its chain and what it means as a flag, each under its guard."""
    kind = type(value)
    if kind is ast.Compare or kind is ast.BoolOp or kind is ast.UnaryOp:
        if isinstance(value, ast.UnaryOp) and not isinstance(value.op, ast.Not):
            yield state.visit(value), None
            return
        condition = test(state, value)
        yield ("" if kind is ast.BoolOp else "bool()"), condition
    elif kind is ast.IfExp:
        for chain, guard in alternatives(state, value):
            state.guard = guard
            yield chain, None
    elif isinstance(value, ast.Call):
        chain = state.visit(value)
        yield chain, condition_of_call(state, value, chain) if _may_be_flag(value) else None
    elif isinstance(value, ast.Constant):
        flag = {True: ALWAYS, False: NEVER}.get(value.value) if type(value.value) is bool else None
        if isinstance(value.value, str):
            if name:  # what is stored elsewhere is noted there
                state.text(value.value, value.lineno, "stored", name)
            yield "str()", None
        else:
            yield state.visit(value), flag
    elif isinstance(value, ast.Name):
        found = test(state, value)
        yield value.id, None if found.kind in _NO_FLAG else found
    else:
        yield state.visit(value), None


def _may_be_flag(value: ast.Call) -> bool:
    given = len(value.args) + len(value.keywords)
    return given == 0 or (
        given <= 3
        and any(isinstance(each, ast.Constant) for each in value.args)
        and isinstance(value.func, ast.Name | ast.Attribute)
    )


def _cast_annotation(value: ast.expr) -> str:
    match value:
        case ast.Call(func=function, args=[kind, _]) if dotted(function) in ("cast", "typing.cast"):
            return text(kind)
    return ""


def _bind_special(state: State, name: str, value: ast.expr) -> bool:
    """Bind what is more than its chain: modules, dictionaries, tables of a module, ``__all__``."""
    frame = state.frame
    if name == "__all__" and frame.kind == "module":
        state.export(value)
    if isinstance(value, ast.Call):
        called = dotted(value.func)
        if called.rpartition(".")[2] in ("import_module", "__import__"):
            return _bind_module(state, name, value)
        if called == "dict" and frame.kind == "function":
            return _bind_dictionary(state, name, value)
    elif isinstance(value, ast.Dict):
        if frame.kind == "function":
            return _bind_dictionary(state, name, value)
        if frame.kind == "module":
            state.tables[name] = _entries(value)
    elif isinstance(value, ast.Tuple):
        frame.arities[name] = len(value.elts)
    if frame.kind == "module" and isinstance(value, ast.Tuple | ast.List | ast.Set):
        texts = (each.value for each in value.elts if isinstance(each, ast.Constant))
        state.tables[name] = [(each, None) for each in texts if isinstance(each, str)]
    return False


def _entries(value: ast.Dict) -> list[tuple[str, ast.expr | None]]:
    return [
        (key.value, entry)
        for key, entry in zip(value.keys, value.values, strict=True)
        if isinstance(key, ast.Constant) and isinstance(key.value, str)
    ]


def _bind_module(state: State, name: str, value: ast.Call) -> bool:
    module = import_dynamically(state, value, name)
    if not module:
        return False
    state.visit_all(value.args[1:])
    if state.frame.kind == "module":
        state.bind(name, BindingKind.IMPORT, module)
    else:
        state.local(name, module, value.lineno, "import")
    return True


def _bind_dictionary(state: State, name: str, value: ast.expr) -> bool:
    frame = state.frame
    keys = keys_of(state, value)
    if keys is None:
        return False
    keys.is_open |= name in frame.dictionaries
    frame.dictionaries[name] = keys
    bind_name(state, name, "dict()", value.lineno)
    return True


def _unpack(state: State, target: ast.Tuple | ast.List, value: ast.expr) -> None:
    elements = target.elts
    is_starred = any(isinstance(each, ast.Starred) for each in elements)
    if isinstance(value, ast.Tuple) and len(value.elts) == len(elements) and not is_starred:
        given = [(state.visit(each), each) for each in value.elts]
        for each, (chain, node) in zip(elements, given, strict=True):
            bind_target(state, each, chain, value=node)
        return
    inner = value.value if isinstance(value, ast.Await) else value
    state.unpacked = (inner, 0 if is_starred else len(elements))
    chain = state.visit(value)
    state.unpacked = (None, 0)
    if chain and state.is_plugin:
        place = (state.frame.index, state.place)
        arity = len(elements) - is_starred
        state.unpacks.append(Unpack(chain, arity, value.lineno, *place, is_starred))
    bind_target(state, target, chain)


def _annotated(state: State, node: ast.stmt) -> None:
    assert isinstance(node, ast.AnnAssign)
    annotation = text(node.annotation)
    frame = state.frame
    if frame.class_body is not None and isinstance(node.target, ast.Name):
        note_field(state, node.target.id, annotation, node.value)
    elif node.value is not None:
        _assign_all(state, [node.target], node.value, annotation)
    elif isinstance(node.target, ast.Name):
        name = node.target.id
        if frame.kind == "module":
            state.bindings.append(
                Binding(name, BindingKind.DECLARED, "", "", annotation, state.guard.exact)
            )
        else:
            frame.add(Local(name, "", annotation, node.lineno, state.place))
    else:
        bind_target(state, node.target, "", annotation=annotation)
    if frame.kind != "function" and "." in annotation and not state.is_lazily_annotated:
        state.visit(node.annotation)


def _augmented(state: State, node: ast.stmt) -> None:
    assert isinstance(node, ast.AugAssign)
    target = node.target
    if isinstance(target, ast.Name):
        if target.id == "__all__" and state.frame.kind == "module":
            state.export(node.value)
        state.visit(node.value)
        if target.id in state.frame.flags:
            state.frame.flags[target.id].append((state.guard, None))
        if target.id in state.frame.outer_names:
            bind_target(state, target, "")
        return
    chain = state.visit(target)
    state.visit(node.value)
    if isinstance(target, ast.Attribute):
        body = state.frame.body
        if isinstance(target.value, ast.Name) and target.value.id == state.receiver:
            if body is not None:
                body.sets.add(target.attr)
        elif chain:
            store(state, chain, node.lineno)


def _delete(state: State, node: ast.stmt) -> None:
    assert isinstance(node, ast.Delete)
    for target in node.targets:
        if isinstance(target, ast.Name):
            if state.frame.kind == "module" and not state.guard.conditions:
                state.bindings = [each for each in state.bindings if each.name != target.id]
        elif isinstance(target, ast.Attribute):
            base = state.chain(target.value)
            if base and base != state.receiver:
                store(state, f"{base}.{target.attr}", target.lineno, is_deleted=True)
        else:
            state.visit(target)


def _outer_names(state: State, node: ast.stmt) -> None:
    assert isinstance(node, ast.Global)
    state.frame.outer_names.update(node.names)


def _inner_names(state: State, node: ast.stmt) -> None:
    """A ``nonlocal`` name is another value of the function around, so that it has no single one."""
    assert isinstance(node, ast.Nonlocal)
    for name in node.names:
        holder = state.frame.parent
        while holder is not None and name not in holder.locals:
            holder = holder.parent
        if holder is not None:
            holder.add(Local(name, "", "", node.lineno, state.place))


ASSIGNMENTS: dict[type[ast.AST], StatementHandler] = {
    ast.Assign: _assign,
    ast.AnnAssign: _annotated,
    ast.AugAssign: _augmented,
    ast.Delete: _delete,
    ast.Global: _outer_names,
    ast.Nonlocal: _inner_names,
}
