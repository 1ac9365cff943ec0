"""Calls, and those whose meaning is known: ``getattr``, ``super``, ``import_module`` ..."""

import ast
from collections.abc import Callable
from dataclasses import dataclass, field

from hwcheck.extract.annotations import dotted, text
from hwcheck.extract.chains import CLASS_TESTS, ENVIRONMENT, note_environment
from hwcheck.extract.conditions import Guard, all_of, negate, tells
from hwcheck.extract.frames import Keys
from hwcheck.extract.imports import import_dynamically
from hwcheck.extract.state import ExpressionHandler, State
from hwcheck.extract.targets import store
from hwcheck.extract.truth import test
from hwcheck.model.facts import BindingKind, CallSite, Chain
from hwcheck.model.use import Argument, Call

__all__ = ["CALLS", "keys_of"]


@dataclass(slots=True)
class _Passed:
    """What a call passes."""

    arguments: list[Argument] = field(default_factory=list)
    is_starred: bool = False
    is_open: bool = False
    choices: list[tuple[list[Argument], Guard]] = field(default_factory=list)
    """Either of these too, each under its guard."""
    more: list[tuple[Argument, Guard]] = field(default_factory=list)
    """These too, each under its guard."""


def _call(state: State, node: ast.expr) -> Chain:
    assert isinstance(node, ast.Call)
    is_awaited = state.awaited is node
    is_discarded = state.discarded is node
    unpacked = state.unpacked[1] if state.unpacked[0] is node else 0
    func = node.func
    if type(func) is ast.Name:
        callee = func.id
        special = _NAMED.get(callee)
    else:
        callee = state.chain(func)
        special = _ATTRIBUTES.get(func.attr) if type(func) is ast.Attribute else None
    if special is not None:
        found = special(state, node, callee)
        if found is not None:
            return found
    if state.is_plugin and type(func) is ast.Attribute and type(func.value) is ast.Call:
        _note_skipping_call(state, func, func.value)
    passed = _passed(state, node, callee)
    if not callee:
        return ""
    if state.is_plugin:
        _note_calls(
            state,
            node.lineno,
            callee,
            passed,
            is_awaited=is_awaited,
            is_discarded=is_discarded,
        )
    else:
        _note_site(state, node.lineno, callee, passed, unpacked, is_awaited=is_awaited)
    if type(func) is ast.Attribute and node.args:
        _note_base_call(state, func, node.args[0])
    return f"{callee}()"


def _note_skipping_call(state: State, func: ast.Attribute, value: ast.Call) -> None:
    """Note ``super(Base, self).method()``, which goes on behind a base."""
    if type(value.func) is not ast.Name or value.func.id != "super" or not state.receiver:
        return
    given = [item.id for item in value.args if type(item) is ast.Name]
    if len(given) > 1 and given[1] == state.receiver and state.frame.body:
        state.frame.body.supers.add(func.attr)
        state.access(given[0], value.lineno)


def _note_base_call(state: State, func: ast.Attribute, first: ast.expr) -> None:
    """Note ``Base.method(self)``."""
    if type(first) is ast.Name and first.id == state.receiver and state.receiver:
        name = dotted(func.value)
        last = name.rpartition(".")[2]
        if last[:1].isupper() and not name.startswith(f"{state.receiver}.") and state.frame.body:
            state.frame.body.supers.add(func.attr)


def _note_calls(
    state: State,
    line: int,
    callee: Chain,
    passed: _Passed,
    *,
    is_awaited: bool,
    is_discarded: bool = False,
) -> None:
    frame = state.frame

    def note(arguments: list[Argument], guard: Guard, *, is_open: bool) -> None:
        place = guard.known if frame.kind == "function" else guard.exact
        call = Call(
            callee,
            line,
            frame.index,
            place,
            tuple(arguments),
            passed.is_starred,
            is_open,
            is_awaited,
            is_discarded,
        )
        state.calls.append((call, frame))

    for more, guard in passed.choices:
        note([*passed.arguments, *more], guard, is_open=passed.is_open)
    if not passed.choices:
        note(passed.arguments, state.guard, is_open=passed.is_open or bool(passed.more))
    for argument, guard in passed.more:
        # What stands above the call too does not tell why this one is passed.
        own = all_of(part for part in guard.conditions if part not in state.guard.conditions)
        if tells(own):
            under = state.guard.also(own)
            note([*passed.arguments, argument], under, is_open=True)


def _note_site(
    state: State, line: int, callee: Chain, passed: _Passed, unpacked: int, *, is_awaited: bool
) -> None:
    name = callee
    while name.endswith("[]"):
        name = name[:-2]
    receiver, _, name = name.rpartition(".")
    if not name or not name.isidentifier():
        return
    keywords = {each.keyword for each in passed.arguments if each.keyword}
    keywords.update(each.keyword for more, _ in passed.choices for each in more)
    site = CallSite(
        name,
        receiver,
        sum(not each.keyword for each in passed.arguments),
        tuple(sorted(keywords)),
        passed.is_starred,
        passed.is_open or bool(passed.more),
        is_awaited,
        unpacked,
        state.frame.name.removesuffix(".<lambda>"),
    )
    state.sites.append((line, site, state.frame))


def _passed(state: State, node: ast.Call, callee: Chain) -> _Passed:
    passed = _Passed()
    arguments = passed.arguments
    for each in node.args:
        if type(each) is ast.Starred:
            state.visit(each.value)
            passed.is_starred = True
        else:
            parts = each.elts if isinstance(each, ast.Tuple) and callee in CLASS_TESTS else [each]
            arguments.extend(_argument(state, "", part, callee) for part in parts)
    for keyword in node.keywords:
        if keyword.arg is not None:
            arguments.append(_argument(state, keyword.arg, keyword.value, callee))
        else:
            _expand(state, keyword.value, passed, callee)
    if callee in ENVIRONMENT and node.args:
        note_environment(state, node.args[0], callee)
    return passed


def _argument(state: State, keyword: str, node: ast.expr, callee: Chain) -> Argument:
    if type(node) is ast.Constant and type(node.value) is str:
        state.text(node.value, node.lineno, "argument", callee)
        return Argument(keyword, "str()", node.value[:300])
    return Argument(keyword, state.visit(node))


def _expand(state: State, node: ast.expr, passed: _Passed, callee: Chain) -> None:
    """Take in what ``**node`` passes."""
    if isinstance(node, ast.IfExp) and not passed.choices:
        outer = state.guard
        condition = test(state, node.test)
        sides = []
        for side, guard in ((node.body, outer.also(condition)), (node.orelse, None)):
            state.guard = guard or outer.also(negate(condition))
            found = keys_of(state, side, callee)
            sides.append((found, state.guard))
        state.guard = outer
        if tells(condition) and all(found is not None for found, _ in sides):
            for found, guard in sides:
                if found is not None:
                    passed.choices.append((list(found.certain.values()), guard))
                    passed.is_open |= found.is_open
        else:
            passed.is_open = True
        return
    found = keys_of(state, node, callee)
    if found is None:
        passed.is_open = True
        return
    passed.arguments.extend(found.certain.values())
    passed.more.extend(found.possible)
    passed.is_open |= found.is_open


def keys_of(state: State, node: ast.expr, callee: Chain = "") -> Keys | None:
    """Visit a dictionary; return its keys where it is written out, here or in this function."""
    keys = Keys(state.guard)
    if isinstance(node, ast.Dict):
        for key, value in zip(node.keys, node.values, strict=True):
            if isinstance(key, ast.Constant) and isinstance(key.value, str):
                keys.certain[key.value] = _argument(state, key.value, value, callee)
                continue
            state.visit_all([key, value])
            keys.is_open = True
        return keys
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "dict":
        for each in node.args:
            state.visit(each)
            keys.is_open = True
        for keyword in node.keywords:
            if keyword.arg is None:
                state.visit(keyword.value)
                keys.is_open = True
            else:
                given = _argument(state, keyword.arg, keyword.value, callee)
                keys.certain[keyword.arg] = given
        return keys
    if isinstance(node, ast.Name):
        return state.frame.dictionaries.get(node.id)
    state.visit(node)
    return None


def _super(state: State, node: ast.Call, callee: Chain) -> Chain:
    """Write ``super()``; that of another class than the one around it is not known."""
    del callee
    owner = state.frame.owner.rpartition(".")[2]
    named = dotted(node.args[0]).rpartition(".")[2] if node.args else ""
    if named and owner and named not in {owner, "__class__"}:
        return ""
    return "super()"


def _getattr(state: State, node: ast.Call, callee: Chain) -> Chain | None:
    name = _string(node.args[1]) if len(node.args) >= 2 else ""
    if not name or node.keywords:
        return None
    base = state.chain(node.args[0])
    state.visit_all(node.args[2:])
    chain = f"{base}.{name}" if base and name.isidentifier() else ""
    if callee == "hasattr" or len(node.args) > 2:
        if chain and state.is_plugin:
            state.access(chain, node.lineno, is_tested=True)
        return "bool()" if callee == "hasattr" else ""
    body = state.frame.body
    if base == state.receiver and base and body is not None:
        body.reads.add(name)
    return chain


def _setattr(state: State, node: ast.Call, callee: Chain) -> Chain | None:
    """Understand ``setattr``, ``delattr`` and ``object.__setattr__`` with a constant name."""
    is_deleted = callee == "delattr"
    name = _string(node.args[1]) if len(node.args) == (2 if is_deleted else 3) else ""
    if not name:
        return None
    value = None if is_deleted else node.args[2]
    base = state.chain(node.args[0])
    chain = state.visit(value) if value is not None else ""
    body = state.frame.body
    if base == state.receiver and base and body is not None and not is_deleted:
        body.sets.add(name)
        state.set_attribute(name, chain)
    elif base:
        target = f"{base}.{name}"
        store(state, target, node.lineno, chain, value, is_deleted=is_deleted)
    return "None()"


def _type(state: State, node: ast.Call, callee: Chain) -> Chain | None:
    del callee
    if len(node.args) != 1 or node.keywords:
        return None
    base = state.chain(node.args[0])
    return f"{base}.__class__" if base else ""


def _cast(state: State, node: ast.Call, callee: Chain) -> Chain | None:
    """Read ``cast(Class, value)`` as an object of the class."""
    if len(node.args) != 2 or callee not in ("cast", "typing.cast"):
        return None
    state.visit(node.args[1])
    name = text(node.args[0])
    return f"{name}()" if all(part.isidentifier() for part in name.split(".")) else ""


def _partial(state: State, node: ast.Call, callee: Chain) -> Chain | None:
    """Read ``partial(function, ...)`` as a call that may pass more."""
    if callee not in ("partial", "functools.partial") or not node.args:
        return None
    function = state.visit(node.args[0])
    rest = ast.Call(node.func, node.args[1:], node.keywords, lineno=node.lineno)
    passed = _passed(state, rest, function)
    passed.is_starred = passed.is_open = True
    if function and state.is_plugin:
        _note_calls(state, node.lineno, function, passed, is_awaited=False)
    return f"{callee}()"


def _import_module(state: State, node: ast.Call, callee: Chain) -> Chain | None:
    del callee
    import_dynamically(state, node)
    return None


def _globals_update(state: State, node: ast.Call, callee: Chain) -> Chain | None:
    """Note names that ``globals().update(...)`` binds, and keys added to local dictionaries."""
    if callee == "globals().update":
        given = node.args[0] if node.args else None
        if isinstance(given, ast.Dict) or given is None:
            keys = given.keys if isinstance(given, ast.Dict) else []
            names = [_string(key) if key else "" for key in keys]
            names += [keyword.arg or "" for keyword in node.keywords]
            for name in names:
                state.bind(name, BindingKind.OTHER) if name else None
            state.is_dynamic |= not all(names)
        else:
            state.is_dynamic = True
        return None
    name = callee.rpartition(".")[0]
    keys_here = state.frame.dictionaries.get(name)
    if keys_here is not None:
        method = callee.rpartition(".")[2]
        if method in ("pop", "clear", "popitem"):
            keys_here.certain.clear()
        keys_here.is_open = True
    return None


def _export(state: State, node: ast.Call, callee: Chain) -> Chain | None:
    if callee in ("__all__.append", "__all__.extend") and state.frame.kind == "module":
        state.export(node.args[0] if node.args else None)
    return None


def _string(node: ast.expr) -> str:
    return node.value if isinstance(node, ast.Constant) and isinstance(node.value, str) else ""


_Special = Callable[[State, ast.Call, Chain], Chain | None]

_NAMED: dict[str, _Special] = {
    "super": _super,
    "getattr": _getattr,
    "hasattr": _getattr,
    "setattr": _setattr,
    "delattr": _setattr,
    "type": _type,
    "cast": _cast,
    "partial": _partial,
    "import_module": _import_module,
    "__import__": _import_module,
}
_ATTRIBUTES: dict[str, _Special] = {
    "import_module": _import_module,
    "partial": _partial,
    "cast": _cast,
    "__setattr__": _setattr,
    "update": _globals_update,
    "setdefault": _globals_update,
    "pop": _globals_update,
    "clear": _globals_update,
    "append": _export,
    "extend": _export,
}

CALLS: dict[type[ast.AST], ExpressionHandler] = {ast.Call: _call}
