"""Function definitions: of the module, of classes, and those nested in others."""

import ast
import re
from dataclasses import dataclass

from hwcheck.extract.annotations import dotted, text
from hwcheck.extract.conditions import Guard
from hwcheck.extract.digests import digest_of, without_docstring
from hwcheck.extract.frames import Body, Frame, replace_locals
from hwcheck.extract.parameters import parameters_of
from hwcheck.extract.returns import condition_of, returned_by
from hwcheck.extract.split import root_of
from hwcheck.extract.state import State, StatementHandler
from hwcheck.model.facts import (
    Attribute,
    BindingKind,
    Chain,
    ConditionKind,
    Form,
    Function,
    Parameter,
)

__all__ = ["FUNCTIONS", "decorator_chain"]

_Definition = ast.FunctionDef | ast.AsyncFunctionDef

_PROPERTIES = frozenset({"property", "cached_property", "abstractproperty"})
_FORMS = {
    "classmethod": Form.CLASS_METHOD,
    "abstractclassmethod": Form.CLASS_METHOD,
    "staticmethod": Form.STATIC_METHOD,
    "abstractstaticmethod": Form.STATIC_METHOD,
    **dict.fromkeys(_PROPERTIES, Form.PROPERTY),
}
_ABSTRACT = frozenset(
    {"abstractmethod", "abstractproperty", "abstractclassmethod", "abstractstaticmethod"}
)
_ACCESSORS = frozenset({"setter", "deleter", "getter"})
#: Methods that get the class without a decorator; ``__new__`` is called as if it were one.
_IMPLICIT = frozenset({"__new__", "__init_subclass__", "__class_getitem__"})
_WORD = re.compile(r"[A-Za-z_]\w*")
#: What looks at all parameters without naming them.
_ALL_AT_ONCE = frozenset({"eval", "exec", "locals", "vars"})


def decorator_chain(node: ast.expr) -> Chain:
    """Write a decorator as a chain, without arguments."""
    if isinstance(node, ast.Call):
        inner = decorator_chain(node.func)
        return f"{inner}()" if inner else ""
    if isinstance(node, ast.Subscript):
        inner = decorator_chain(node.value)
        return f"{inner}[]" if inner else ""
    if isinstance(node, ast.Attribute):
        inner = decorator_chain(node.value)
        return f"{inner}.{node.attr}" if inner else ""
    return dotted(node)


def _define(state: State, node: ast.stmt) -> None:
    assert isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
    outer = state.frame
    decorators = [decorator_chain(each) for each in node.decorator_list]
    _visit_head(state, node)
    if outer.kind == "class" and _is_setter(state, node.name, decorators):
        _walk(state, node, Form.METHOD, parameters_of(node.args))
        return
    parameters = parameters_of(node.args)
    form = _form(node.name, decorators) if outer.kind == "class" else Form.FUNCTION
    name = f"{outer.name}.{node.name}" if outer.name else node.name
    if outer.kind == "function":
        if node.name in outer.outer_names:
            state.bind(node.name, BindingKind.OTHER)
        else:
            state.local(node.name, "", node.lineno, "define")
        _walk(state, node, form, parameters)
        return
    if outer.kind == "module":
        _bind(state, node)
    state.lines.append(node.lineno)
    state.line_names.append(name)
    head = _Head(node, form, parameters, decorators, state.guard)
    body = _walk(state, node, form, parameters)
    made = _record(state, head, body)
    if outer.class_body is not None:
        outer.class_body.functions.append(made)
        outer.class_body.attributes.extend(_attributes(body, node.name))
    else:
        state.functions.append(made)


def _bind(state: State, node: _Definition) -> None:
    state.bind(node.name, BindingKind.FUNCTION)
    if node.name == "__getattr__" and isinstance(node, ast.FunctionDef):
        state.getattrs.append((node, state.guard))


def _visit_head(state: State, node: _Definition) -> None:
    """Visit what runs where the function is defined."""
    for decorator in node.decorator_list:
        if not (isinstance(decorator, ast.Attribute) and decorator.attr in _ACCESSORS):
            state.visit(decorator)
    state.visit_all(node.args.defaults)
    state.visit_all(node.args.kw_defaults)
    if state.is_lazily_annotated or not state.is_plugin:
        return
    given = node.args
    arguments = [*given.posonlyargs, *given.args, *given.kwonlyargs, given.vararg, given.kwarg]
    annotations = [each.annotation for each in arguments if each is not None]
    for annotation in (*annotations, node.returns):
        if annotation is not None and type(annotation) is not ast.Name:
            state.visit(annotation)


def _is_setter(state: State, name: str, decorators: list[Chain]) -> bool:
    """Tell ``@name.setter`` and its like; the property becomes settable."""
    assert state.frame.class_body is not None
    for decorator in decorators:
        base, _, last = decorator.rpartition(".")
        if last not in _ACCESSORS or not base:
            continue
        functions = state.frame.class_body.functions
        for place in range(len(functions) - 1, -1, -1):
            if functions[place].name == name and last == "setter":
                functions[place] = functions[place]._replace(is_settable=True)
                return True
        if last == "setter" and base != name:  # of a base class: ``@Base.name.setter``
            functions.append(Function(name, Form.PROPERTY, is_settable=True))
        return True
    return False


def _form(name: str, decorators: list[Chain]) -> Form:
    for decorator in decorators:
        form = _FORMS.get(decorator.removesuffix("()").rpartition(".")[2])
        if form is not None:
            return form
    return Form.CLASS_METHOD if name in _IMPLICIT else Form.METHOD


def _walk(state: State, node: _Definition, form: Form, parameters: tuple[Parameter, ...]) -> Body:
    """Visit the body in a scope of its own."""
    outer, guard, receiver = state.frame, state.guard, state.receiver
    frame = _open(state, node, form, parameters)
    body = frame.body
    assert body is not None
    state.frame = frame
    state.receiver = frame.receiver
    state.guard = guard.without(ConditionKind.TRIED)  # what is tried is the definition
    state.run(without_docstring(node.body))
    state.frame, state.guard, state.receiver = outer, guard, receiver
    return body


def _open(state: State, node: _Definition, form: Form, parameters: tuple[Parameter, ...]) -> Frame:
    outer = state.frame
    is_method = outer.kind == "class"
    owner, receiver, is_class_method = outer.owner, outer.receiver, outer.is_class_method
    if is_method:
        owner = outer.name
        is_bound = form is not Form.STATIC_METHOD and bool(parameters)
        receiver = parameters[0].name if is_bound else ""
        is_class_method = form is Form.CLASS_METHOD
    elif any(each.name == receiver for each in parameters):
        receiver = ""
    is_nested = outer.kind == "function"
    body = outer.body if is_nested and outer.body is not None else Body(receiver)
    frame = Frame(
        index=len(state.frames),
        name=f"{outer.name}.{node.name}" if outer.name else node.name,
        kind="function",
        parent=outer,
        owner=owner,
        receiver=receiver,
        is_class_method=is_class_method,
        parameters=parameters,
        arguments={each.name: each.annotation for each in parameters},
        line=node.lineno,
        end_line=node.end_lineno or node.lineno,
        unread=_unread(state, node, parameters) if state.is_plugin else (),
        body=body,
        is_own_body=not is_nested,
    )
    state.frames.append(frame)
    return frame


def _unread(state: State, node: _Definition, parameters: tuple[Parameter, ...]) -> tuple[str, ...]:
    """Name the parameters that are nowhere in the body, not even in a comment."""
    statements = without_docstring(node.body)
    if not parameters or not statements:
        return tuple(each.name for each in parameters)
    first, last = statements[0].lineno, statements[-1].end_lineno or statements[-1].lineno
    words = {word for line in state.source_lines[first - 1 : last] for word in _WORD.findall(line)}
    if not words.isdisjoint(_ALL_AT_ONCE):
        return ()
    return tuple(each.name for each in parameters if each.name not in words)


@dataclass(frozen=True, slots=True)
class _Head:
    """A definition without its body."""

    node: _Definition
    form: Form
    parameters: tuple[Parameter, ...]
    decorators: list[Chain]
    guard: Guard


def _record(state: State, head: _Head, body: Body) -> Function:
    node, form, decorators, guard = head.node, head.form, head.decorators, head.guard
    statements = without_docstring(node.body)
    lasts = [decorator.removesuffix("()").rpartition(".")[2] for decorator in decorators]
    kept = tuple(
        decorator
        for decorator, last in zip(decorators, lasts, strict=True)
        if last not in _ABSTRACT and (last not in _FORMS or form is Form.FUNCTION) and decorator
    )
    return Function(
        node.name,
        form,
        head.parameters,
        text(node.returns),
        kept,
        isinstance(node, ast.AsyncFunctionDef),
        body.is_generator,
        any(last in _ABSTRACT for last in lasts),
        False,
        guard.exact,
        digest_of(state.source_lines, statements, "".join(body.shape)),
        tuple(sorted(body.reads)),
        tuple(sorted(body.sets)),
        tuple(sorted(body.supers)),
        tuple(sorted(body.arities)),
        _kept_chains(state, returned_by(body)),
        _refuses(statements),
        condition_of(body, guard) if state.is_plugin else None,
    )


def _kept_chains(state: State, chains: tuple[Chain, ...]) -> tuple[Chain, ...]:
    return tuple(sorted({chain if state.is_interesting(chain) else "" for chain in chains}))


def _refuses(statements: list[ast.stmt]) -> bool:
    if len(statements) != 1 or not isinstance(statements[0], ast.Raise):
        return False
    raised = statements[0].exc
    if isinstance(raised, ast.Call):
        raised = raised.func
    return isinstance(raised, ast.Name) and raised.id == "NotImplementedError"


def _attributes(body: Body, method: str) -> list[Attribute]:
    found: dict[Attribute, None] = {}
    for attribute, frame in body.attributes:
        value = attribute.value
        if value:
            value = replace_locals(frame, value)
        if not attribute.annotation and value:
            annotation = _annotation_of_parameter(frame, value)
        else:
            annotation = attribute.annotation
        found[attribute._replace(method=method, value=value, annotation=annotation)] = None
    return list(found)


def _annotation_of_parameter(frame: Frame, chain: Chain) -> str:
    """Give an attribute that keeps a parameter the annotation of this."""
    return frame.arguments.get(chain, "") if root_of(chain) == chain else ""


FUNCTIONS: dict[type[ast.AST], StatementHandler] = {
    ast.FunctionDef: _define,
    ast.AsyncFunctionDef: _define,
}
