"""Tests that show of which class something is."""

import ast

from hwcheck.extract.annotations import dotted, text
from hwcheck.extract.state import State

__all__ = ["narrow_block", "narrowed", "note_narrowed", "run_block"]


def narrowed(node: ast.expr) -> list[tuple[str, str]]:
    """List the chains that a test shows to be of a class, with the class."""
    if isinstance(node, ast.BoolOp) and isinstance(node.op, ast.And):
        return [found for value in node.values for found in narrowed(value)]
    if not (isinstance(node, ast.Call) and isinstance(node.func, ast.Name)):
        return []
    if node.func.id != "isinstance" or len(node.args) != 2:
        return []
    subject, kind = node.args
    if isinstance(subject, ast.NamedExpr):
        subject = subject.target
    name = dotted(subject)
    kinds = kind.elts if isinstance(kind, ast.Tuple) else [kind]
    return [(name, "|".join(map(text, kinds)))] if name else []


def note_narrowed(state: State, found: list[tuple[str, str]], line: int) -> list[tuple[str, str]]:
    """Note from which line on names are of a class; return what to note where this ends."""
    return [(name, state.narrow(name, kind, line)) for name, kind in found]


def narrow_block(state: State, found: list[tuple[str, str]], line: int) -> None:
    """Note from which line on names are of a class, up to the end of the block around."""
    before = note_narrowed(state, found, line)
    if state.frame.ending is not None:
        state.frame.ending.extend(before)


def run_block(state: State, statements: list[ast.stmt]) -> None:
    """Visit the statements of a block; what they show of names ends with it."""
    if not state.is_plugin:
        state.run(statements)
        return
    frame = state.frame
    outer, frame.ending = frame.ending, []
    state.run(statements)
    found, frame.ending = frame.ending, outer
    if found:
        last = statements[-1]
        note_narrowed(state, found[::-1], (last.end_lineno or last.lineno) + 1)
