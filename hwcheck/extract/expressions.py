"""Expressions that are no chains: their parts are visited, under conditions where there are."""

import ast

from hwcheck.extract.conditions import Guard, negate, tells
from hwcheck.extract.frames import Frame
from hwcheck.extract.iteration import bind_iterated
from hwcheck.extract.narrowing import narrowed, note_narrowed
from hwcheck.extract.parameters import parameters_of
from hwcheck.extract.state import ExpressionHandler, State
from hwcheck.extract.truth import test
from hwcheck.model.facts import Chain

__all__ = ["EXPRESSIONS", "alternatives", "visit_parts"]


def alternatives(state: State, node: ast.expr) -> list[tuple[Chain, Guard]]:
    """Visit a value; return its chain, or for ``X if gate() else Y`` both with their guards."""
    if not isinstance(node, ast.IfExp):
        return [(state.visit(node), state.guard)]
    outer = state.guard
    condition = test(state, node.test)
    yes, no = outer.also(condition), outer.also(negate(condition))
    state.guard = yes
    found = narrowed(node.test) if state.is_plugin else []
    before = note_narrowed(state, found, node.lineno)
    left = state.visit(node.body)
    note_narrowed(state, before, (node.end_lineno or 0) + 1)
    state.guard = no
    right = state.visit(node.orelse)
    state.guard = outer
    if tells(condition):
        return [(left, yes), (right, no)]
    if left in (right, "None()"):
        return [(right, outer)]
    return [(left if right == "None()" else "", outer)]


def _choice(state: State, node: ast.expr) -> Chain:
    found = alternatives(state, node)
    return found[0][0] if len(found) == 1 else ""


def _operands(state: State, node: ast.expr) -> Chain:
    test(state, node)
    return ""


def _compare(state: State, node: ast.expr) -> Chain:
    assert isinstance(node, ast.Compare)
    test(state, node)
    return "bool()"


def _unary(state: State, node: ast.expr) -> Chain:
    assert isinstance(node, ast.UnaryOp)
    chain = state.visit(node.operand)
    if isinstance(node.op, ast.Not):
        return "bool()"
    return chain if chain in ("int()", "float()") else ""


def _binary(state: State, node: ast.expr) -> Chain:
    assert isinstance(node, ast.BinOp)
    right = []
    here: ast.expr = node
    while isinstance(here, ast.BinOp):  # sums of thousands of terms lean to the left
        right.append(here.right)
        here = here.left
    state.visit(here)
    for part in reversed(right):
        state.visit(part)
    return ""


def _container(kind: Chain) -> ExpressionHandler:
    def visit(state: State, node: ast.expr) -> Chain:
        assert isinstance(node, ast.Tuple | ast.List | ast.Set)
        for element in node.elts:
            state.visit(element)
        return kind

    return visit


def _dictionary(state: State, node: ast.expr) -> Chain:
    assert isinstance(node, ast.Dict)
    state.visit_all(node.keys)
    state.visit_all(node.values)
    return "dict()"


def _comprehension(kind: Chain) -> ExpressionHandler:
    def visit(state: State, node: ast.expr) -> Chain:
        assert isinstance(node, ast.ListComp | ast.SetComp | ast.GeneratorExp)
        outer = state.frame
        _enter(state, node, outer.name)
        _generators(state, node.generators)
        state.visit(node.elt)
        state.frame = outer
        return kind

    return visit


def _dict_comprehension(state: State, node: ast.expr) -> Chain:
    assert isinstance(node, ast.DictComp)
    outer = state.frame
    _enter(state, node, outer.name)
    _generators(state, node.generators)
    state.visit(node.key)
    state.visit(node.value)
    state.frame = outer
    return "dict()"


def _generators(state: State, generators: list[ast.comprehension]) -> None:
    for generator in generators:
        bind_iterated(state, generator.target, generator.iter)
        for condition in generator.ifs:
            state.visit(condition)


def _enter(state: State, node: ast.expr, name: str) -> Frame:
    outer = state.frame
    frame = Frame(
        index=len(state.frames),
        name=name,
        kind="function",
        parent=outer,
        owner=outer.owner,
        receiver=outer.receiver,
        is_class_method=outer.is_class_method,
        line=node.lineno,
        end_line=node.end_lineno or node.lineno,
        body=outer.body,
    )
    state.frames.append(frame)
    state.frame = frame
    return frame


def _lambda(state: State, node: ast.expr) -> Chain:
    assert isinstance(node, ast.Lambda)
    outer, receiver = state.frame, state.receiver
    state.visit_all(node.args.defaults)
    state.visit_all(node.args.kw_defaults)
    frame = _enter(state, node, f"{outer.name}.<lambda>".lstrip("."))
    frame.parameters = parameters_of(node.args)
    frame.arguments = {each.name: "" for each in frame.parameters}
    if receiver in frame.arguments:
        state.receiver = frame.receiver = ""
    state.visit(node.body)
    state.frame, state.receiver = outer, receiver
    return "lambda"


def _yield(state: State, node: ast.expr) -> Chain:
    assert isinstance(node, ast.Yield | ast.YieldFrom)
    if state.frame.is_own_body and state.frame.body is not None:
        state.frame.body.is_generator = True
    if node.value is not None:
        state.visit(node.value)
    return ""


def visit_parts(state: State, node: ast.expr) -> Chain:
    """Visit the parts of an expression of which no more is known."""
    for child in ast.iter_child_nodes(node):
        if isinstance(child, ast.expr):
            state.visit(child)
    return ""


def _joined(state: State, node: ast.expr) -> Chain:
    visit_parts(state, node)
    return "str()"


def _starred(state: State, node: ast.expr) -> Chain:
    assert isinstance(node, ast.Starred)
    state.visit(node.value)
    return ""


EXPRESSIONS: dict[type[ast.AST], ExpressionHandler] = {
    ast.IfExp: _choice,
    ast.BoolOp: _operands,
    ast.Compare: _compare,
    ast.UnaryOp: _unary,
    ast.BinOp: _binary,
    ast.Tuple: _container("tuple()"),
    ast.List: _container("list()"),
    ast.Set: _container("set()"),
    ast.Dict: _dictionary,
    ast.ListComp: _comprehension("list()"),
    ast.SetComp: _comprehension("set()"),
    ast.GeneratorExp: _comprehension(""),
    ast.DictComp: _dict_comprehension,
    ast.Lambda: _lambda,
    ast.Yield: _yield,
    ast.YieldFrom: _yield,
    ast.Slice: visit_parts,
    ast.JoinedStr: _joined,
    ast.FormattedValue: _joined,
    ast.Starred: _starred,
}
