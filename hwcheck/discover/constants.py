"""The value of an expression in source, where it is the same on every run."""

import ast
import re
from collections.abc import Iterator

__all__ = ["Constants", "NotConstantError", "Scope"]

Scope = ast.Module | ast.FunctionDef

#: Repeated doubling makes long texts out of short sources, so both steps and texts have an end.
LARGEST_TEXT = 1_000_000
MOST_STEPS = 5_000

_MUTATORS = frozenset(
    ("append", "clear", "extend", "insert", "pop", "popitem", "remove", "setdefault", "update")
)


class NotConstantError(Exception):
    """The expression is computed, or too large to be followed."""


class Constants:
    """What names stand for in one or more nested scopes, as long as they are assigned once."""

    def __init__(self, scopes: tuple[Scope, ...]) -> None:
        self._bindings: dict[str, list[ast.expr | None]] = {}
        for scope in scopes:
            own: dict[str, list[ast.expr | None]] = {}
            for name, value in _bindings(scope):
                own.setdefault(name, []).append(value)
            self._bindings.update(own)
        # What any part of the file changes in place is not what it was assigned.
        for name in _changed_names(scopes[0]):
            self._bindings[name] = [None]
        self._steps = 0

    def follow(self, node: ast.expr) -> ast.expr:
        """Replace a name by what it was assigned, as long as that is certain."""
        self._steps += 1
        seen: set[str] = set()
        while isinstance(node, ast.Name) and node.id not in seen and self._steps < MOST_STEPS:
            seen.add(node.id)
            values = self._bindings.get(node.id, [None])
            if len(values) != 1 or values[0] is None:
                return node
            node = values[0]
        return node

    def evaluate(self, node: ast.expr) -> str | int | float | bool | None:
        """Compute a text, number or None without running anything.

        Raises NotConstantError: it takes more than literals, names, ``+``, ``%``, ``format``,
        ``join``, ``strip`` and f-strings.
        """
        match self.follow(node):
            case ast.Constant(value=str() | int() | float() | bool() | None as value):
                return value
            case ast.JoinedStr(values=parts):
                return _bounded("".join(self._text_part(part) for part in parts))
            case ast.BinOp(left=left, op=ast.Add(), right=right):
                return _bounded(self._text(left) + self._text(right))
            case ast.BinOp(left=left, op=ast.Mod(), right=right):
                return self._percent(self._text(left), right)
            case ast.Call(func=ast.Attribute(value=owner, attr=attr), args=args, keywords=keys):
                return self._method(owner, attr, args, keys)
            case _:
                raise NotConstantError

    def _text(self, node: ast.expr) -> str:
        value = self.evaluate(node)
        if not isinstance(value, str):
            raise NotConstantError
        return value

    def _text_part(self, part: ast.expr) -> str:
        match part:
            case ast.FormattedValue(value=inner, conversion=-1 | 115, format_spec=None):
                return str(self.evaluate(inner))
            case ast.FormattedValue():
                raise NotConstantError
            case _:
                return self._text(part)

    def _percent(self, template: str, right: ast.expr) -> str:
        items = right.elts if isinstance(right, ast.Tuple) else [right]
        values = iter([str(self.evaluate(item)) for item in items])
        # Only the plain forms: a width such as %999999999s is a way to fill the memory.
        pieces = re.split(r"%(.?)", template, flags=re.DOTALL)
        for index in range(1, len(pieces), 2):
            match pieces[index]:
                case "%":
                    pieces[index] = "%"
                case "s" | "d":
                    pieces[index] = _next(values)
                case _:
                    raise NotConstantError
        return _bounded("".join(pieces))

    def _method(
        self, owner: ast.expr, name: str, args: list[ast.expr], keys: list[ast.keyword]
    ) -> str:
        text = self._text(owner)
        if name == "strip" and not args and not keys:
            return text.strip()
        if name == "join" and len(args) == 1 and not keys:
            items = self.follow(args[0])
            if isinstance(items, ast.List | ast.Tuple):
                return _bounded(text.join(self._text(item) for item in items.elts))
        if name == "format":
            return self._format(text, args, keys)
        raise NotConstantError

    def _format(self, template: str, args: list[ast.expr], keys: list[ast.keyword]) -> str:
        numbered = [str(self.evaluate(item)) for item in args]
        values = {str(index): value for index, value in enumerate(numbered)}
        values |= {key.arg: str(self.evaluate(key.value)) for key in keys if key.arg is not None}
        rest = iter(numbered)
        # Plain fields only: attributes, indices and widths are left alone.
        pieces = re.split(r"(\{\{|\}\}|\{\w*\}|[{}])", template)
        for index in range(1, len(pieces), 2):
            piece = pieces[index]
            if piece in ("{{", "}}"):
                pieces[index] = piece[0]
            elif piece == "{}":
                pieces[index] = _next(rest)
            elif piece in ("{", "}") or piece[1:-1] not in values:
                raise NotConstantError
            else:
                pieces[index] = values[piece[1:-1]]
        return _bounded("".join(pieces))


def _next(values: Iterator[str]) -> str:
    try:
        return next(values)
    except StopIteration:
        raise NotConstantError from None


def _bounded(text: str) -> str:
    if len(text) > LARGEST_TEXT:
        raise NotConstantError
    return text


def _bindings(scope: Scope) -> Iterator[tuple[str, ast.expr | None]]:
    """Every name that a scope's own statements bind; the value is None where it is not certain."""
    if isinstance(scope, ast.FunctionDef):
        yield from ((item.arg, None) for item in ast.walk(scope.args) if isinstance(item, ast.arg))
    for statement in scope.body:
        yield from _bound_by(statement)


def _bound_by(statement: ast.stmt) -> Iterator[tuple[str, ast.expr | None]]:
    match statement:
        case ast.Assign(targets=targets, value=value):
            for target in targets:
                if isinstance(target, ast.Name):
                    yield target.id, value
                else:
                    yield from _stored(target)
        case ast.AnnAssign(target=ast.Name(id=name), value=value):
            yield name, value
        case ast.If(test=test, body=body, orelse=[]) if _is_main_guard(test):
            for inner in body:
                yield from _bound_by(inner)
        case ast.FunctionDef(name=name) | ast.AsyncFunctionDef(name=name) | ast.ClassDef(name=name):
            yield name, None
        case _:
            yield from _stored(statement)


def _stored(node: ast.AST) -> Iterator[tuple[str, None]]:
    for child in ast.walk(node):
        match child:
            case ast.Name(id=name, ctx=ast.Store() | ast.Del()):
                yield name, None
            case ast.alias(name=name, asname=alias):
                yield alias or name.partition(".")[0], None


def _is_main_guard(test: ast.expr) -> bool:
    return isinstance(test, ast.Compare) and ast.unparse(test.left) == "__name__"


def _changed_names(tree: ast.AST) -> Iterator[str]:
    for node in ast.walk(tree):
        match node:
            case ast.AugAssign(target=ast.Name(id=name)):
                yield name
            case ast.Subscript(value=ast.Name(id=name), ctx=ast.Store() | ast.Del()):
                yield name
            case ast.Call(func=ast.Attribute(value=ast.Name(id=name), attr=attribute)) if (
                attribute in _MUTATORS
            ):
                yield name
            case ast.Global(names=names):
                yield from names
