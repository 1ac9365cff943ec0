"""Modules that answer names by ``__getattr__``."""

import ast
from collections.abc import Iterable

from hwcheck.extract.annotations import dotted
from hwcheck.extract.conditions import Guard
from hwcheck.extract.imports import resolve
from hwcheck.extract.state import State
from hwcheck.model.facts import Binding, BindingKind

__all__ = ["read_getattr"]


def read_getattr(state: State) -> tuple[str, ...]:
    """Add the names that a module's ``__getattr__`` answers; return the keys it knows besides."""
    keys: dict[str, None] = {}
    for node, guard in state.getattrs:
        if node.args.args:
            keys.update(dict.fromkeys(_Reader(state, node, guard).read()))
    return tuple(keys)


class _Reader:
    """One ``__getattr__``."""

    def __init__(self, state: State, node: ast.FunctionDef, guard: Guard) -> None:
        """Read what `node` answers."""
        self._state = state
        self._node = node
        self._guard = guard
        self._name = node.args.args[0].arg
        self._known: dict[str, None] = {}
        self._is_understood = False
        self._is_relative = any(
            isinstance(x, ast.JoinedStr)
            and isinstance(x.values[0], ast.Constant)
            and x.values[0].value == "."
            for x in ast.walk(node)
            if isinstance(x, ast.JoinedStr) and x.values
        )

    def read(self) -> Iterable[str]:
        """Bind what can be told; return the keys of tables whose values tell nothing."""
        keys: list[str] = []
        for part in ast.walk(self._node):
            if isinstance(part, ast.If):
                self._read_test(part)
            elif isinstance(part, ast.Name) and part.id in self._state.tables:
                keys.extend(self._read_table(part.id))
            elif isinstance(part, ast.Name) and part.id == "globals":
                self._is_understood = True
        is_answering = any(isinstance(part, ast.Return) for part in ast.walk(self._node))
        if (is_answering and not self._is_understood) or self._asks_others(self._node.body):
            self._state.is_dynamic = True
        return keys

    def _asks_others(self, body: list[ast.stmt]) -> bool:
        """Tell whether names that no test and no table tells are asked of something else."""
        from_tables = {"globals", *self._state.tables}
        for statement in body:
            match statement:
                case ast.If(test=test, body=[*_, ast.Raise()], orelse=[]) if _is_negative(test):
                    return False
                case ast.If(test=test, orelse=rest) if not _is_negative(test):
                    if self._asks_others(rest):
                        return True
                case ast.Try(body=tried, handlers=handlers):
                    blocks = [tried, *(handler.body for handler in handlers)]
                    if any(map(self._asks_others, blocks)):
                        return True
                case ast.Return(value=ast.expr() as value):
                    if self._is_passed(value) and not _mentions(value, from_tables):
                        return True
                case ast.Assign(targets=targets, value=value) if _mentions(value, from_tables):
                    from_tables.update(each.id for each in targets if isinstance(each, ast.Name))
        return False

    def _is_passed(self, value: ast.expr) -> bool:
        """Tell whether the name that is asked for is an argument of a call."""
        return any(
            isinstance(argument, ast.Name) and argument.id == self._name
            for part in ast.walk(value)
            if isinstance(part, ast.Call)
            for argument in part.args
        )

    def _bind(self, name: str, target: str, member: str) -> None:
        annotation = next(
            (x.annotation for x in self._state.bindings if x.name == name and x.annotation), ""
        )
        place = self._guard.exact
        made = Binding(name, BindingKind.LAZY, target, member, annotation, place)
        if made not in self._state.bindings:
            self._state.bindings.append(made)

    def _read_test(self, node: ast.If) -> None:
        """Understand ``if name == "X": from m import X; return X`` and its like."""
        names = self._tested(node.test)
        if names is None:
            return
        self._is_understood = True
        imported = _imported(self._state.package, node.body)
        returned = [
            x.value
            for body in node.body
            for x in ast.walk(body)
            if isinstance(x, ast.Return) and x.value is not None
        ]
        for name in names:
            found = {self._target(value, name, imported) for value in returned} - {None}
            for target in sorted(filter(None, found)) or [("", "")]:
                self._bind(name, *target)

    def _tested(self, test: ast.expr) -> list[str] | None:
        if not (isinstance(test, ast.Compare) and isinstance(test.left, ast.Name)):
            return None
        if test.left.id != self._name or len(test.ops) != 1:
            return None
        right = test.comparators[0]
        if isinstance(test.ops[0], ast.Eq) and isinstance(right, ast.Constant):
            return [str(right.value)]
        if not isinstance(test.ops[0], ast.In):
            return None
        if isinstance(right, ast.Tuple | ast.List | ast.Set):
            return [str(x.value) for x in right.elts if isinstance(x, ast.Constant)]
        if isinstance(right, ast.Name) and right.id == "__all__":
            return list(self._state.exports or ())
        if isinstance(right, ast.Name):
            table = self._state.tables.get(right.id) or []
            if table and all(value is None for _, value in table):
                return [name for name, _ in table]
        return None

    def _target(
        self, value: ast.expr, name: str, imported: dict[str, tuple[str, str]]
    ) -> tuple[str, str] | None:
        if isinstance(value, ast.Name):
            return imported.get(value.id)
        holder, member = None, name
        if isinstance(value, ast.Attribute):
            holder, member = value.value, value.attr
        elif isinstance(value, ast.Call) and value.args and dotted(value.func) == "getattr":
            holder = value.args[0]
        if isinstance(holder, ast.Name) and holder.id in imported:
            module, inner = imported[holder.id]
            return (f"{module}.{inner}" if inner else module), member
        return None

    def _read_table(self, table: str) -> list[str]:
        """Bind what a table tells; return its keys where the values tell nothing."""
        entries = self._state.tables[table]
        self._is_understood = True
        if not entries or all(value is None for _, value in entries):
            return []
        has_colon = any(":" in _string(value) for _, value in entries)
        keys = []
        for name, value in entries:
            target = self._entry(name, value, has_colon=has_colon)
            if target is None:
                keys.append(name)
            else:
                self._bind(name, *target)
        return keys

    def _entry(
        self, name: str, value: ast.expr | None, *, has_colon: bool
    ) -> tuple[str, str] | None:
        if isinstance(value, ast.Tuple) and len(value.elts) == 2:
            module, member = map(_string, value.elts)
        else:
            module, colon, member = _string(value).partition(":")
            if not has_colon and not colon:
                member = name
        if not module:
            return None
        level = len(module) - len(module.lstrip("."))
        if not level and self._is_relative:
            level = 1
            return resolve(self._state.package, module, level), member
        return resolve(self._state.package, module[level:] if level else module, level), member


def _is_negative(test: ast.expr) -> bool:
    """Tell ``name not in table`` and ``found is None``."""
    return isinstance(test, ast.Compare) and isinstance(test.ops[0], ast.NotIn | ast.Is)


def _mentions(node: ast.expr, names: set[str]) -> bool:
    return any(isinstance(part, ast.Name) and part.id in names for part in ast.walk(node))


def _imported(package: str, body: list[ast.stmt]) -> dict[str, tuple[str, str]]:
    found: dict[str, tuple[str, str]] = {}
    for statement in body:
        for node in ast.walk(statement):
            if isinstance(node, ast.ImportFrom):
                module = resolve(package, node.module or "", node.level)
                for alias in node.names:
                    found[alias.asname or alias.name] = (module, alias.name)
            elif isinstance(node, ast.Import):
                for alias in node.names:
                    found[alias.asname or alias.name] = (alias.name, "")
    return found


def _string(node: ast.expr | None) -> str:
    return node.value if isinstance(node, ast.Constant) and isinstance(node.value, str) else ""
