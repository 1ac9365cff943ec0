"""Expressions that are chains: names, attributes, items, awaited values and literals."""

import ast

from hwcheck.extract.split import root_of
from hwcheck.extract.state import ExpressionHandler, State
from hwcheck.model.facts import BindingKind, Chain
from hwcheck.model.use import Text

__all__ = ["CHAINS", "CLASS_TESTS", "ENVIRONMENT", "note_environment"]

_MAXIMUM_CHAIN = 300
_LITERALS = {
    str: "str()",
    int: "int()",
    float: "float()",
    bool: "bool()",
    type(None): "None()",
}
#: Their classes are arguments of their own, those of a tuple too.
CLASS_TESTS = frozenset({"isinstance", "issubclass"})
#: What environment variables are read through, with the last step.
ENVIRONMENT = frozenset(
    {
        "os.environ[]",
        "environ[]",
        "os.environ",
        "environ",
        "os.environ.get",
        "environ.get",
        "os.getenv",
        "getenv",
        "os.putenv",
        "os.unsetenv",
        "os.environ.setdefault",
        "environ.setdefault",
        "os.environ.pop",
        "environ.pop",
    }
)


def note_environment(state: State, node: ast.expr, subject: Chain) -> None:
    """Note the name of an environment variable of vLLM."""
    if not state.is_plugin:
        return
    match node:
        case ast.Constant(value=str(name)) if name.startswith("VLLM_"):
            place = (state.frame.index, state.place)
            state.texts.append(Text(name, node.lineno, *place, "environment", subject))


def _name(state: State, node: ast.expr) -> Chain:
    assert isinstance(node, ast.Name)
    return node.id


def _attribute(state: State, node: ast.expr) -> Chain:
    assert isinstance(node, ast.Attribute)
    inner = node.value
    if type(inner) is ast.Name:
        base = inner.id
        if base == state.receiver and base:
            body = state.frame.body
            if body is not None:
                body.reads.add(node.attr)
    else:
        base = state.handlers[type(inner)](state, inner)
        if not base or len(base) > _MAXIMUM_CHAIN:
            return ""
        if base == "super()":
            body = state.frame.body
            if body is not None:
                body.supers.add(node.attr)
        elif base == f"{state.receiver}.__class__" and state.receiver:
            body = state.frame.body
            if body is not None:
                body.reads.add(node.attr)
    return f"{base}.{node.attr}"


def _subscript(state: State, node: ast.expr) -> Chain:
    assert isinstance(node, ast.Subscript)
    base = state.handlers[type(node.value)](state, node.value)
    chain = f"{base}[]" if base and len(base) < _MAXIMUM_CHAIN else ""
    if chain in ENVIRONMENT:
        note_environment(state, node.slice, chain)
    state.visit(node.slice)
    return chain


def _await(state: State, node: ast.expr) -> Chain:
    assert isinstance(node, ast.Await)
    state.awaited = node.value
    base = state.handlers[type(node.value)](state, node.value)
    return f"{base}~" if base else ""


def _constant(state: State, node: ast.expr) -> Chain:
    assert isinstance(node, ast.Constant)
    value = node.value
    if type(value) is str:
        if ("." in value or ":" in value) and state.is_plugin:
            state.text(value, node.lineno)
        return "str()"
    return _LITERALS.get(type(value), "")


def _named(state: State, node: ast.expr) -> Chain:
    assert isinstance(node, ast.NamedExpr)
    chain = state.chain(node.value)
    frame = state.frame
    if frame.kind == "function":
        state.local(node.target.id, chain, node.lineno)
    elif frame.kind == "module":
        state.bind(node.target.id, BindingKind.VALUE, chain)
        state.values.setdefault(node.target.id, []).append(chain)
    return chain if root_of(chain) != node.target.id else ""


CHAINS: dict[type[ast.AST], ExpressionHandler] = {
    ast.Name: _name,
    ast.Attribute: _attribute,
    ast.Subscript: _subscript,
    ast.Await: _await,
    ast.Constant: _constant,
    ast.NamedExpr: _named,
}
