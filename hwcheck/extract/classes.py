"""Class statements."""

import ast

from hwcheck.extract.conditions import Guard
from hwcheck.extract.digests import without_docstring
from hwcheck.extract.frames import ClassBody, Frame
from hwcheck.extract.functions import decorator_chain
from hwcheck.extract.state import State, StatementHandler
from hwcheck.model.facts import Attribute, BindingKind, Chain, Class, Function

__all__ = ["CLASSES", "without_overloads"]


def _define(state: State, node: ast.stmt) -> None:
    assert isinstance(node, ast.ClassDef)
    outer, guard, receiver = state.frame, state.guard, state.receiver
    state.visit_all(node.decorator_list)
    bases = tuple(_base(state, each) for each in node.bases)
    for keyword in node.keywords:
        state.visit(keyword.value)
    name = f"{outer.name}.{node.name}" if outer.name else node.name
    _bind(state, node)
    place = len(state.classes)
    state.classes.append(None)
    state.lines.append(node.lineno)
    state.line_names.append(name)
    frame = _open(state, node, name, place)
    state.frame, state.receiver = frame, ""
    state.run(without_docstring(node.body))
    state.frame, state.guard, state.receiver = outer, guard, receiver
    state.classes[place] = _record(node, name, bases, frame.class_body, guard)


def _base(state: State, node: ast.expr) -> Chain:
    """Write a base without items; visit only what is called or taken in it."""
    if isinstance(node, ast.Subscript):
        state.visit(node.slice)
        return _base(state, node.value)
    if isinstance(node, ast.Call):
        state.visit(node)
    return decorator_chain(node)


def _bind(state: State, node: ast.ClassDef) -> None:
    frame = state.frame
    if frame.kind == "module":
        state.bind(node.name, BindingKind.CLASS)
    elif frame.kind == "function":
        state.local(node.name, "", node.lineno, "define")


def _open(state: State, node: ast.ClassDef, name: str, place: int) -> Frame:
    frame = Frame(
        index=len(state.frames),
        name=name,
        kind="class",
        parent=state.frame,
        line=node.lineno,
        end_line=node.end_lineno or node.lineno,
        class_body=ClassBody(place),
    )
    state.frames.append(frame)
    return frame


def _record(
    node: ast.ClassDef, name: str, bases: tuple[Chain, ...], body: ClassBody | None, guard: Guard
) -> Class:
    assert body is not None
    given = list(node.keywords)
    for decorator in node.decorator_list:
        if isinstance(decorator, ast.Call):
            given.extend(decorator.keywords)
    metaclass = next(
        (decorator_chain(each.value) for each in node.keywords if each.arg == "metaclass"), ""
    )
    return Class(
        name,
        tuple(base for base in bases if base) if all(bases) else bases,
        metaclass,
        tuple(filter(None, map(decorator_chain, node.decorator_list))),
        _options(given),
        without_overloads(body.functions),
        tuple(dict.fromkeys([*body.attributes, *_slots(node)])),
        guard.exact,
    )


def _options(given: list[ast.keyword]) -> tuple[str, ...]:
    """List keywords that are true; ``not init`` is one that is false."""
    found = []
    for keyword in given:
        if keyword.arg and isinstance(keyword.value, ast.Constant):
            if keyword.value.value is True:
                found.append(keyword.arg)
            elif keyword.value.value is False:
                found.append(f"not {keyword.arg}")
    return tuple(found)


def without_overloads(functions: list[Function]) -> tuple[Function, ...]:
    """Leave out the overloads of functions, unless there is no implementation."""
    if not any(_is_overload(each) for each in functions):
        return tuple(functions)
    made = {each.name for each in functions if not _is_overload(each)}
    last = {each.name: place for place, each in enumerate(functions)}
    return tuple(
        each
        for place, each in enumerate(functions)
        if not _is_overload(each) or (each.name not in made and last[each.name] == place)
    )


def _is_overload(function: Function) -> bool:
    return any(name.rpartition(".")[2] == "overload" for name in function.decorators)


def _slots(node: ast.ClassDef) -> list[Attribute]:
    """List the names in ``__slots__``: instances have them, whoever sets them."""
    for statement in node.body:
        match statement:
            case ast.Assign(targets=[ast.Name(id="__slots__")], value=value):
                elements = value.elts if isinstance(value, ast.Tuple | ast.List) else [value]
                names = [x.value for x in elements if isinstance(x, ast.Constant)]
                return [Attribute(str(x), "__slots__", is_argument=False) for x in names]
    return []


CLASSES: dict[type[ast.AST], StatementHandler] = {ast.ClassDef: _define}
