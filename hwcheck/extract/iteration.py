"""What loops and comprehensions go through, and the names that get the items."""

import ast
from typing import TypeGuard

from hwcheck.extract.state import State
from hwcheck.extract.targets import bind_target

__all__ = ["bind_iterated"]

#: Calls that give the items of their first argument.
_SAME_ITEMS = frozenset({"reversed", "sorted", "list", "tuple", "set", "iter"})


def bind_iterated(state: State, target: ast.expr, iterable: ast.expr) -> None:
    """Visit what is iterated, and bind the items."""
    match iterable:
        case ast.Call(func=ast.Name(id="enumerate"), args=[inner, *more]) if _splits(target, 2):
            state.visit_all([*more, *(keyword.value for keyword in iterable.keywords)])
            count, item = target.elts
            bind_target(state, count, "", "for")
            bind_iterated(state, item, inner)
        case ast.Call(func=ast.Name(id="zip"), args=parts) if _splits(target, len(parts)):
            state.visit_all([keyword.value for keyword in iterable.keywords])
            for item, part in zip(target.elts, parts, strict=True):
                bind_iterated(state, item, part)
        case ast.Call(func=ast.Name(id=name), args=[inner]) if name in _SAME_ITEMS:
            state.visit_all([keyword.value for keyword in iterable.keywords])
            bind_iterated(state, target, inner)
        case _:
            bind_target(state, target, state.visit(iterable), "for")


def _splits(target: ast.expr, count: int) -> TypeGuard[ast.Tuple | ast.List]:
    """Tell whether something is taken apart into so many, none of them starred."""
    return (
        isinstance(target, ast.Tuple | ast.List)
        and len(target.elts) == count
        and not any(isinstance(each, ast.Starred) for each in target.elts)
    )
