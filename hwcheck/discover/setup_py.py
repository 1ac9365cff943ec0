"""What a ``setup.py`` declares, read as syntax and never executed."""

import ast
import warnings
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from hwcheck.discover.constants import Constants, NotConstantError
from hwcheck.discover.declared import Declared, Field, Unread
from hwcheck.discover.entries import Entry, declared_point, parse_sections
from hwcheck.errors import DiscoveryError

__all__ = ["read_setup_py"]


def read_setup_py(data: bytes, file: str) -> Declared:
    """Read the arguments of the call of ``setup``; what is computed is listed as unread.

    Raises DiscoveryError: the file is not Python.
    """
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of the file's own making, such as "\\d" in a string
            tree = ast.parse(data, file)
        return _read_tree(tree, file)
    except (SyntaxError, ValueError) as error:
        raise DiscoveryError(
            f"'{file}' is not readable as Python: {_first_line(error)}"
            "\n  repair it, or build a wheel and name that"
        ) from error
    except (RecursionError, MemoryError) as error:
        raise DiscoveryError(
            f"'{file}' is nested too deeply to be read\n  build a wheel and name that"
        ) from error


def _first_line(error: Exception) -> str:
    if isinstance(error, SyntaxError):
        return f"{error.msg} (line {error.lineno})"
    return str(error)


def _read_tree(tree: ast.Module, file: str) -> Declared:
    calls = [(call, scopes) for call, scopes in _calls(tree, (tree,)) if _is_setup(call)]
    if not calls:
        what = "what a setup() elsewhere declares (none is called here)"
        lost = Unread(file=file, line=1, field=Field.ENTRY_POINTS, what=what)
        return Declared(file=file, unread=(lost,))
    call, scopes = calls[-1]
    return _Reader(file=file, constants=Constants(scopes)).read(call)


def _calls(
    node: ast.AST, scopes: tuple[ast.Module | ast.FunctionDef, ...]
) -> Iterator[tuple[ast.Call, tuple[ast.Module | ast.FunctionDef, ...]]]:
    for child in ast.iter_child_nodes(node):
        if isinstance(child, ast.Call):
            yield child, scopes
        inner = (*scopes, child) if isinstance(child, ast.FunctionDef) else scopes
        yield from _calls(child, inner)


def _is_setup(call: ast.Call) -> bool:
    match call.func:
        case ast.Name(id="setup"):
            return True
        case ast.Attribute(value=ast.Name(id="setuptools" | "core" | "distutils"), attr="setup"):
            return True
        case _:
            return False


@dataclass
class _Reader:
    """Collects what one call declares, and what of it cannot be read."""

    file: str
    constants: Constants
    unread: list[Unread] = field(default_factory=list)

    def read(self, call: ast.Call) -> Declared:
        """Read the call's keyword arguments."""
        arguments = dict(self._arguments(call))
        requirements = arguments.get("install_requires")
        entry_points = arguments.get("entry_points")
        return Declared(
            file=self.file,
            name=self._text(arguments.get("name"), Field.NAME),
            version=self._text(arguments.get("version"), Field.VERSION),
            requires_python=self._text(arguments.get("python_requires"), Field.PYTHON),
            requirements=None
            if requirements is None
            else tuple(self._lines(requirements, Field.REQUIREMENTS)),
            entries=None if entry_points is None else tuple(self._entries(entry_points)),
            unread=tuple(self.unread),
        )

    def _arguments(self, call: ast.Call) -> Iterator[tuple[str, ast.expr]]:
        for keyword in call.keywords:
            if keyword.arg is not None:
                yield keyword.arg, keyword.value
                continue
            for key, value in self._items(keyword.value):
                if isinstance(key, str):
                    yield key, value

    def _items(self, node: ast.expr) -> Iterator[tuple[object, ast.expr]]:
        """Read a mapping pair by pair, so that one computed value hides no other."""
        match self.constants.follow(node):
            case ast.Dict(keys=keys, values=values):
                for key, value in zip(keys, values, strict=True):
                    if key is None:
                        yield from self._items(value)
                        continue
                    try:
                        yield self.constants.evaluate(key), value
                    except NotConstantError:
                        self._leave_out(key, Field.ENTRY_POINTS)
            case ast.Call(func=ast.Name(id="dict"), args=[], keywords=keywords):
                for keyword in keywords:
                    if keyword.arg is None:
                        yield from self._items(keyword.value)
                    else:
                        yield keyword.arg, keyword.value
            case ast.BinOp(left=left, op=ast.BitOr(), right=right):
                yield from self._items(left)
                yield from self._items(right)
            case ast.Constant(value=None):
                return
            case other:
                self._leave_out(other, Field.ENTRY_POINTS)

    def _text(self, node: ast.expr | None, field: Field) -> str | None:
        if node is None:
            return None
        try:
            value = self.constants.evaluate(node)
        except NotConstantError:
            # A computed version is the rule, not a fault; it is shown as unknown.
            if field != Field.VERSION:
                self._leave_out(node, field)
            return None
        return value if isinstance(value, str) else None

    def _entries(self, node: ast.expr) -> Iterator[Entry]:
        text = self._constant_text(node)
        if text is not None:
            yield from parse_sections(text)[0]
            return
        for key, value in self._items(node):
            group = str(key).strip()
            if not group.startswith("vllm."):  # known to be there; how it is computed is no matter
                yield Entry(group=group, name="", value="")
                continue
            for line in self._lines(value, Field.ENTRY_POINTS, f" of {group!r}"):
                yield declared_point(group, line) or Entry(group=group, name=line, value="")

    def _lines(self, node: ast.expr, field: Field, detail: str = "") -> Iterable[str]:
        text = self._constant_text(node)
        if text is not None:
            return _split_lines(text)
        return [line for item in self._elements(node, field, detail) for line in _split_lines(item)]

    def _elements(self, node: ast.expr, field: Field, detail: str) -> Iterator[str]:
        match self.constants.follow(node):
            case ast.List(elts=items) | ast.Tuple(elts=items) | ast.Set(elts=items):
                for item in items:
                    if isinstance(item, ast.Starred):
                        yield from self._elements(item.value, field, detail)
                    elif (text := self._constant_text(item)) is not None:
                        yield text
                    else:
                        self._leave_out(item, field, detail)
            case ast.BinOp(left=left, op=ast.Add(), right=right):
                yield from self._elements(left, field, detail)
                yield from self._elements(right, field, detail)
            case ast.Constant(value=None):
                return
            case other:
                self._leave_out(other, field, detail)

    def _constant_text(self, node: ast.expr) -> str | None:
        try:
            value = self.constants.evaluate(node)
        except NotConstantError:
            return None
        return value if isinstance(value, str) else None

    def _leave_out(self, node: ast.expr, field: Field, detail: str = "") -> None:
        self.unread.append(
            Unread(file=self.file, line=node.lineno, field=field, what=f"{field}{detail}")
        )


def _split_lines(text: str) -> list[str]:
    lines = (line.strip() for line in text.splitlines())
    return [line for line in lines if line and not line.startswith("#")]
