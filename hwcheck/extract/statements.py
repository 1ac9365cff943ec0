"""Statements that decide whether and how others run, and the plain ones."""

import ast

from hwcheck.extract.annotations import dotted, text
from hwcheck.extract.conditions import UNKNOWN, negate
from hwcheck.extract.iteration import bind_iterated
from hwcheck.extract.narrowing import narrow_block, narrowed, note_narrowed, run_block
from hwcheck.extract.state import State, StatementHandler
from hwcheck.extract.targets import bind_name, bind_target
from hwcheck.extract.truth import test
from hwcheck.model.facts import Chain, Condition, ConditionKind

__all__ = ["STATEMENTS", "pass_over"]

#: Exceptions that a missing module, name, attribute or parameter raises.
_TOLERATED = {
    "ImportError",
    "ModuleNotFoundError",
    "AttributeError",
    "TypeError",
    "NameError",
    "Exception",
    "BaseException",
}
_ENDS = (ast.Return, ast.Raise, ast.Continue, ast.Break)
_EXITS = frozenset({"sys.exit", "exit", "quit", "os._exit"})


def _if(state: State, node: ast.stmt) -> None:
    assert isinstance(node, ast.If)
    outer = state.guard
    condition = test(state, node.test)
    yes, no = outer.also(condition), outer.also(negate(condition))
    found = narrowed(node.test) if state.is_plugin else []
    state.guard = yes
    before = note_narrowed(state, found, _start(node))
    run_block(state, node.body)
    note_narrowed(state, before, (node.body[-1].end_lineno or node.lineno) + 1)
    state.guard = no
    run_block(state, node.orelse)
    is_left = _ends(node.body)
    if is_left != bool(node.orelse and _ends(node.orelse)):
        state.guard = no if is_left else yes
    else:
        state.guard = outer
    if is_left and state.is_plugin:
        _narrow_behind(state, node)


def _start(node: ast.If) -> int:
    """Return the line where the body starts; that of the test for one that stands behind it."""
    behind = (node.test.end_lineno or node.lineno) + 1
    return behind if node.body[0].lineno >= behind else node.lineno


def _narrow_behind(state: State, node: ast.If) -> None:
    """Understand ``if not isinstance(...): return``, and with ``or`` in the test."""
    tests = [node.test]
    if isinstance(node.test, ast.BoolOp) and isinstance(node.test.op, ast.Or):
        tests = node.test.values
    for each in tests:
        if isinstance(each, ast.UnaryOp) and isinstance(each.op, ast.Not):
            line = (node.end_lineno or node.lineno) + 1
            narrow_block(state, narrowed(each.operand), line)


def _ends(body: list[ast.stmt]) -> bool:
    """Tell whether what stands behind a block is not reached through it."""
    last = body[-1]
    if isinstance(last, _ENDS):
        return True
    if isinstance(last, ast.If):
        return bool(last.orelse) and _ends(last.body) and _ends(last.orelse)
    if isinstance(last, ast.With):
        return _ends(last.body)
    if isinstance(last, ast.Expr) and isinstance(last.value, ast.Call):
        return dotted(last.value.func) in _EXITS
    return False


def _assert(state: State, node: ast.stmt) -> None:
    assert isinstance(node, ast.Assert)
    state.visit(node.test)
    if node.msg is not None:
        state.visit(node.msg)
    if state.is_plugin:
        narrow_block(state, narrowed(node.test), node.lineno)


def _for(state: State, node: ast.stmt) -> None:
    assert isinstance(node, ast.For | ast.AsyncFor)
    outer = state.guard
    bind_iterated(state, node.target, node.iter)
    run_block(state, node.body)
    state.guard = outer
    run_block(state, node.orelse)
    state.guard = outer


def _while(state: State, node: ast.stmt) -> None:
    assert isinstance(node, ast.While)
    outer = state.guard
    state.guard = outer.also(test(state, node.test))
    run_block(state, node.body)
    state.guard = outer
    run_block(state, node.orelse)
    state.guard = outer


def _with(state: State, node: ast.stmt) -> None:
    assert isinstance(node, ast.With | ast.AsyncWith)
    outer = state.guard
    for item in node.items:
        call = item.context_expr
        chain = state.visit(call)
        if item.optional_vars is not None:
            bind_target(state, item.optional_vars, chain, "with")
        if isinstance(call, ast.Call) and dotted(call.func).rpartition(".")[2] == "suppress":
            caught = {name for each in call.args for name in _names(each)} & _TOLERATED
            if caught:
                state.guard = state.guard.also(_tried(caught))
    is_suppressed = state.guard is not outer
    run_block(state, node.body)
    if is_suppressed:
        state.guard = outer


def _tried(caught: set[str]) -> Condition:
    return Condition(ConditionKind.TRIED, value=" ".join(sorted(caught)))


def _try(state: State, node: ast.stmt) -> None:
    assert isinstance(node, ast.Try | ast.TryStar)
    outer = state.guard
    handlers = [(each, _caught(each)) for each in node.handlers]
    survived = {
        name
        for each, caught in handlers
        if not isinstance(each.body[-1], ast.Raise)
        for name in caught
    }
    state.guard = outer.also(_tried(survived)) if survived else outer
    run_block(state, node.body)
    state.guard = outer
    run_block(state, node.orelse)
    for handler, caught in handlers:
        state.guard = outer.also(_handling(caught))
        _handle(state, handler)
    state.guard = outer
    run_block(state, node.finalbody)
    state.guard = outer


def _handling(caught: set[str]) -> Condition:
    if not caught:
        return UNKNOWN
    return Condition(ConditionKind.HANDLER, value=" ".join(sorted(caught)))


def _handle(state: State, handler: ast.ExceptHandler) -> None:
    if handler.type is not None:
        state.visit(handler.type)
    if handler.name and state.frame.kind == "function":
        bind_name(state, handler.name, "", handler.lineno)
    run_block(state, handler.body)


def _caught(handler: ast.ExceptHandler) -> set[str]:
    if handler.type is None:
        return {"BaseException"}
    return set(_names(handler.type)) & _TOLERATED


def _names(node: ast.expr) -> list[str]:
    elements = node.elts if isinstance(node, ast.Tuple) else [node]
    return [dotted(each).rpartition(".")[2] for each in elements]


def _match(state: State, node: ast.stmt) -> None:
    assert isinstance(node, ast.Match)
    outer = state.guard
    chain = state.visit(node.subject)
    for case in node.cases:
        state.guard = outer.also(UNKNOWN)
        before = _pattern(state, case.pattern, dotted(node.subject), chain)
        if case.guard is not None:
            state.visit(case.guard)
        run_block(state, case.body)
        last = case.body[-1].end_lineno or node.lineno
        note_narrowed(state, before, last + 1)
    state.guard = outer


def _pattern(
    state: State, pattern: ast.pattern, subject: str, chain: Chain
) -> list[tuple[str, str]]:
    """Visit a pattern; narrow what is matched, and return what to note where this ends."""
    for node in ast.walk(pattern):
        match node:
            case ast.MatchValue(value=value):
                state.visit(value)
            case ast.MatchClass(cls=kind):
                state.visit(kind)
            case ast.MatchAs(name=str(name)) | ast.MatchStar(name=str(name)):
                bind_name(state, name, chain if node is pattern else "", pattern.lineno)
            case ast.MatchMapping(rest=str(name)):
                bind_name(state, name, "", pattern.lineno)
    if isinstance(pattern, ast.MatchClass) and subject and state.is_plugin:
        return note_narrowed(state, [(subject, text(pattern.cls))], pattern.lineno)
    return []


def _expression(state: State, node: ast.stmt) -> None:
    assert isinstance(node, ast.Expr)
    if not isinstance(node.value, ast.Constant):
        value = node.value
        state.discarded = value.value if isinstance(value, ast.Await) else value
        state.visit(value)
        state.discarded = None


def _raise(state: State, node: ast.stmt) -> None:
    assert isinstance(node, ast.Raise)
    state.visit_all([node.exc, node.cause])


def pass_over(state: State, node: ast.stmt) -> None:
    """Take nothing from a statement."""
    del state, node


def _type_alias(state: State, node: ast.stmt) -> None:
    name = getattr(node, "name", None)
    if isinstance(name, ast.Name):
        bind_name(state, name.id, "", node.lineno)


STATEMENTS: dict[type[ast.AST], StatementHandler] = {
    ast.If: _if,
    ast.Assert: _assert,
    ast.For: _for,
    ast.AsyncFor: _for,
    ast.While: _while,
    ast.With: _with,
    ast.AsyncWith: _with,
    ast.Try: _try,
    ast.TryStar: _try,
    ast.Match: _match,
    ast.Expr: _expression,
    ast.Raise: _raise,
    ast.Pass: pass_over,
    ast.Break: pass_over,
    ast.Continue: pass_over,
}
if hasattr(ast, "TypeAlias"):  # since Python 3.12
    STATEMENTS[ast.TypeAlias] = _type_alias
