"""What functions return: chains, arities, and conditions."""

import ast

from hwcheck.extract.conditions import NEVER, Guard, all_of, any_of, tells
from hwcheck.extract.expressions import alternatives
from hwcheck.extract.frames import Body, Frame, replace_locals
from hwcheck.extract.state import State, StatementHandler
from hwcheck.extract.truth import condition_of_call, test
from hwcheck.model.facts import ALWAYS, Chain, Condition

__all__ = ["RETURNS", "condition_of", "returned_by"]

_MAXIMUM_ANSWERS = 6


def _return(state: State, node: ast.stmt) -> None:
    assert isinstance(node, ast.Return)
    value = node.value
    body = state.frame.body if state.frame.is_own_body else None
    if value is None:
        if body is not None:
            body.returned.append(("None()", state.frame))
            body.answers.append((state.guard, NEVER))
        return
    if isinstance(value, ast.IfExp):
        for chain, guard in alternatives(state, value):
            _note(body, state.frame, chain, guard, None)
        for side in (value.body, value.orelse):
            _note_arity(body, state.frame, side)
        return
    condition: Condition | None = None
    if isinstance(value, ast.Constant) and isinstance(value.value, str):
        state.text(value.value, value.lineno, "returned")
        chain = "str()"
    elif isinstance(value, ast.Compare | ast.BoolOp) or (
        isinstance(value, ast.UnaryOp) and isinstance(value.op, ast.Not)
    ):
        condition = test(state, value)
        chain = "" if isinstance(value, ast.BoolOp) else "bool()"
    elif isinstance(value, ast.Name):
        chain, condition = value.id, test(state, value)
    else:
        chain = state.visit(value)
        if isinstance(value, ast.Call):
            condition = condition_of_call(state, value, chain)
        elif isinstance(value, ast.Constant):
            condition = _flag(value.value)
    _note(body, state.frame, chain, state.guard, condition)
    _note_arity(body, state.frame, value)


def _flag(value: object) -> Condition | None:
    if value is True:
        return ALWAYS
    return NEVER if value is False or value is None else None


def _note(
    body: Body | None, frame: Frame, chain: Chain, guard: Guard, condition: Condition | None
) -> None:
    if body is not None:
        body.returned.append((chain, frame))
        body.answers.append((guard, condition))


def _note_arity(body: Body | None, frame: Frame, value: ast.expr) -> None:
    """Note the length of a returned tuple; None counts as nothing, as nobody unpacks it."""
    if body is None or (isinstance(value, ast.Constant) and value.value is None):
        return
    arity = -1
    if isinstance(value, ast.Tuple) and not any(isinstance(x, ast.Starred) for x in value.elts):
        arity = len(value.elts)
    elif isinstance(value, ast.Name) and len(frame.locals.get(value.id, ())) == 1:
        arity = frame.arities.get(value.id, -1)
    body.arities.add(arity)


def returned_by(body: Body) -> tuple[Chain, ...]:
    """List the chains that a function returns, with single values of local names put in."""
    return tuple(
        sorted({replace_locals(frame, chain) if chain else "" for chain, frame in body.returned})
    )


def condition_of(body: Body, outer: Guard) -> Condition | None:
    """Say when a function returns something true, if that is about versions or flags."""
    answers = body.answers
    if not answers or len(answers) > _MAXIMUM_ANSWERS:
        return None
    above = set(outer.conditions)
    parts = []
    for guard, condition in answers:
        if condition is None:
            return None
        here = [part for part in guard.conditions if part not in above]
        parts.append(all_of([*here, condition]))
    found = any_of(parts)
    return found if tells(found) else None


RETURNS: dict[type[ast.AST], StatementHandler] = {ast.Return: _return}
