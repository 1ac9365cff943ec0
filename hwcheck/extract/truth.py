"""From tests to conditions; the parts of a test are visited on the way."""

import ast
import re
from collections.abc import Callable

from hwcheck.extract.annotations import dotted
from hwcheck.extract.chains import ENVIRONMENT, note_environment
from hwcheck.extract.conditions import NEVER, UNKNOWN, Guard, all_of, any_of, negate, tells
from hwcheck.extract.frames import Frame
from hwcheck.extract.narrowing import narrowed, note_narrowed
from hwcheck.extract.state import State
from hwcheck.extract.versions import (
    VERSION,
    canonical,
    constant_of,
    is_version,
    quiet_chain,
    unwrap,
)
from hwcheck.model.facts import ALWAYS, Chain, Condition, ConditionKind

__all__ = ["condition_of_call", "fold_flags", "test"]

_OPERATORS = {
    ast.Eq: ("==", "=="),
    ast.NotEq: ("!=", "!="),
    ast.Lt: ("<", ">"),
    ast.LtE: ("<=", ">="),
    ast.Gt: (">", "<"),
    ast.GtE: (">=", "<="),
}
_IS_DEEP = re.compile(r"[\[~]|\(\).")
#: Names that would be taken for versions.
_LIKE_VERSION_NAME = re.compile(r"v\d")
_LIKE_VERSION = re.compile(r"v?\d+(\.\d+)+")
_TYPING = Condition(ConditionKind.TYPING)


def test(state: State, node: ast.expr) -> Condition:
    """Visit a test; return what it says."""
    handler = _TESTS.get(type(node))
    if handler is not None:
        return handler(state, node)
    state.visit(node)
    return UNKNOWN


def _operands(state: State, node: ast.expr) -> Condition:
    assert isinstance(node, ast.BoolOp)
    outer = state.guard
    is_and = isinstance(node.op, ast.And)
    shown = narrowed(node) if is_and and state.is_plugin else []
    before = note_narrowed(state, shown, node.lineno)
    parts = []
    for value in node.values:
        found = test(state, value)
        parts.append(found)
        state.guard = state.guard.also(found if is_and else negate(found))
    state.guard = outer
    note_narrowed(state, before, (node.end_lineno or node.lineno) + 1)
    return all_of(parts) if is_and else any_of(parts)


def _inverse(state: State, node: ast.expr) -> Condition:
    assert isinstance(node, ast.UnaryOp)
    if isinstance(node.op, ast.Not):
        return negate(test(state, node.operand))
    state.visit(node.operand)
    return UNKNOWN


def _choice(state: State, node: ast.expr) -> Condition:
    assert isinstance(node, ast.IfExp)
    outer = state.guard
    chosen = test(state, node.test)
    state.guard = outer.also(chosen)
    yes = test(state, node.body)
    state.guard = outer.also(negate(chosen))
    no = test(state, node.orelse)
    state.guard = outer
    return any_of([all_of([chosen, yes]), all_of([negate(chosen), no])])


def _constant(state: State, node: ast.expr) -> Condition:
    assert isinstance(node, ast.Constant)
    return ALWAYS if node.value else NEVER


def _name(state: State, node: ast.expr) -> Condition:
    assert isinstance(node, ast.Name)
    name = node.id
    if name == "TYPE_CHECKING":
        return _TYPING
    holder: Frame | None = state.frame
    while holder is not None and holder.parent is not None:
        if holder.kind == "function":
            if name in holder.flags:
                return fold_flags(holder.flags[name])
            if name in holder.arguments or name in holder.locals:
                chain = state.globalise(name)
                return _truth(state, chain)
        holder = holder.parent
    if holder is not None and name in holder.flags:
        found = fold_flags(holder.flags[name])
        if found is not UNKNOWN:
            return found
    return _truth(state, name)


def _attribute(state: State, node: ast.expr) -> Condition:
    assert isinstance(node, ast.Attribute)
    chain = state.visit(node)
    if node.attr == "TYPE_CHECKING":
        return _TYPING
    if type(node.value) is ast.Name and node.value.id == state.receiver:
        return _flag_of_class(state, node.attr)
    return _truth(state, state.globalise(chain))


def _truth(state: State, chain: Chain) -> Condition:
    """Say that a chain is true; of what is called on the way, and of others, nothing is known."""
    if not chain or not state.is_interesting(chain) or _IS_DEEP.search(chain):
        return UNKNOWN
    return Condition(ConditionKind.TRUTH, chain=chain)


def _flag_of_class(state: State, name: str) -> Condition:
    holder = state.class_frame
    if holder is None or name not in holder.flags:
        return UNKNOWN
    found = fold_flags(holder.flags[name])
    # A constant says only what the attribute is at first: others may set it.
    return UNKNOWN if found in (ALWAYS, NEVER) else found


def fold_flags(found: list[tuple[Guard, Condition | None]]) -> Condition:
    """Say when a name that is bound under conditions is true."""
    result = UNKNOWN
    if len(found) > 4:
        return UNKNOWN
    for place, (guard, condition) in enumerate(found):
        if condition is None:
            return UNKNOWN
        here = guard.condition
        if place == 0:
            result = all_of([here, condition])
        else:
            result = any_of([all_of([here, condition]), all_of([negate(here), result])])
    return result if result in (ALWAYS, NEVER) or tells(result) else UNKNOWN


def _call(state: State, node: ast.expr) -> Condition:
    assert isinstance(node, ast.Call)
    if type(node.func) is ast.Name and node.func.id == "bool" and len(node.args) == 1:
        return test(state, node.args[0])
    return condition_of_call(state, node, state.visit(node))


def condition_of_call(state: State, node: ast.Call, chain: Chain) -> Condition:
    """Say what the truth of a call that was visited, with its chain, means."""
    name = node.func.id if isinstance(node.func, ast.Name) else ""
    if name in ("hasattr", "getattr") and len(node.args) >= 2:
        attribute = _string(node.args[1])
        if not attribute:
            return UNKNOWN
        base = dotted(node.args[0])
        found = Condition(ConditionKind.HAS, chain=base, value=attribute) if base else UNKNOWN
        return found if name == "hasattr" else all_of([found, UNKNOWN])
    if not chain.endswith("()"):
        return UNKNOWN
    callee = state.globalise(chain[:-2])
    if not callee or name in ("isinstance", "issubclass", "callable", "len", "any", "all"):
        return UNKNOWN
    given = [*node.args, *(keyword.value for keyword in node.keywords)]
    value = _string(given[0]) if len(given) == 1 else ""
    if value:
        is_known = state.is_interesting(callee) or callee.endswith("find_spec")
        if not (is_known or _LIKE_VERSION.match(value)):
            return UNKNOWN
        return Condition(ConditionKind.CALL, chain=canonical(state, callee), value=value)
    if any(isinstance(argument, ast.Constant) for argument in given):
        return UNKNOWN
    if len(given) == 1 and "version" in callee.rpartition(".")[2].lower():
        value = _compared(state, given[0])
        if value and state.is_interesting(callee):
            return Condition(ConditionKind.CALL, chain=canonical(state, callee), value=value)
    return _truth(state, f"{callee}()")


def _compare(state: State, node: ast.expr) -> Condition:
    assert isinstance(node, ast.Compare)
    terms = [node.left, *node.comparators]
    chains = [state.visit(term) for term in terms]
    if chains[-1] in ENVIRONMENT:
        note_environment(state, node.left, chains[-1])
    return all_of(
        _comparison(state, operator, terms[place : place + 2], chains[place : place + 2])
        for place, operator in enumerate(node.ops)
    )


def _comparison(
    state: State, operator: ast.cmpop, terms: list[ast.expr], chains: list[Chain]
) -> Condition:
    left, right = terms
    if isinstance(operator, ast.Is | ast.IsNot):
        if not (isinstance(right, ast.Constant) and right.value is None):
            return UNKNOWN
        found = _presence(state, left, chains[0])
        return found if isinstance(operator, ast.IsNot) else negate(found)
    if isinstance(operator, ast.In | ast.NotIn):
        if state.is_plugin and (asked := _asked_parameter(left, right)):
            return asked if isinstance(operator, ast.In) else negate(asked)
        if not isinstance(right, ast.Tuple | ast.List | ast.Set):
            return UNKNOWN
        parts = [_against(state, left, chains[0], "==", constant_of(x)) for x in right.elts]
        found = any_of(parts) if parts else UNKNOWN
        return found if isinstance(operator, ast.In) else negate(found)
    signs = _OPERATORS.get(type(operator))
    if signs is None:
        return UNKNOWN
    value = _compared(state, right)
    if value:
        return _against(state, left, chains[0], signs[0], value)
    return _against(state, right, chains[1], signs[1], _compared(state, left))


def _asked_parameter(left: ast.expr, right: ast.expr) -> Condition | None:
    """Read ``"name" in inspect.signature(function).parameters``."""
    match right:
        case ast.Attribute(value=ast.Call(func=function, args=[of]), attr="parameters"):
            name, chain = _string(left), dotted(of)
            if name and chain and dotted(function).rpartition(".")[2] == "signature":
                return Condition(ConditionKind.HAS, chain=chain, operator="()", value=name)
    return None


def _compared(state: State, node: ast.expr) -> str:
    """Write what a version is compared with: a constant, or the name of a parameter."""
    node = unwrap(node)
    if isinstance(node, ast.Name):
        name, frame = node.id, state.frame
        is_plain = name in frame.arguments and name not in frame.locals
        return name if is_plain and not _LIKE_VERSION_NAME.match(name) else ""
    return constant_of(node)


def _presence(state: State, node: ast.expr, chain: Chain) -> Condition:
    """Say what it means that something is not None: of names that an import may have failed for."""
    if isinstance(node, ast.Call):
        found = condition_of_call(state, node, chain)
        return found if found.kind is not ConditionKind.TRUTH else UNKNOWN
    chain = state.globalise(chain)
    is_plain = chain.isidentifier() and state.is_interesting(chain)
    return Condition(ConditionKind.HAS, chain=chain) if is_plain else UNKNOWN


def _against(state: State, node: ast.expr, chain: Chain, sign: str, value: str) -> Condition:
    if not value:
        return UNKNOWN
    bare = unwrap(node)
    if bare is not node:
        chain = quiet_chain(bare)
    chain = VERSION if is_version(state, bare) else canonical(state, state.globalise(chain))
    is_known = state.is_interesting(chain) or chain.startswith((VERSION, "sys.version_info"))
    if not (chain and is_known) or _IS_DEEP.search(chain):
        return UNKNOWN
    if value in state.frame.arguments and chain != VERSION:
        return UNKNOWN
    return Condition(ConditionKind.COMPARE, chain=chain, operator=sign, value=value)


def _string(node: ast.expr) -> str:
    return node.value if isinstance(node, ast.Constant) and isinstance(node.value, str) else ""


_TESTS: dict[type[ast.AST], Callable[[State, ast.expr], Condition]] = {
    ast.BoolOp: _operands,
    ast.UnaryOp: _inverse,
    ast.IfExp: _choice,
    ast.Constant: _constant,
    ast.Name: _name,
    ast.Attribute: _attribute,
    ast.Call: _call,
    ast.Compare: _compare,
}
