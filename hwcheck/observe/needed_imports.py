"""What the modules of a plugin import for themselves, and which devices of torch they name."""

import ast
from collections.abc import Collection, Iterator
from dataclasses import dataclass, field
from pathlib import Path

__all__ = ["Needs", "read_needs"]

_EXPECTED_ERRORS = ("ImportError", "ModuleNotFoundError", "Exception", "BaseException")
#: Folders of a distribution that vLLM never imports.
_ASIDE = frozenset({"tests", "test", "tools", "examples", "benchmarks", "docs"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Needs:
    """What all modules of a plugin need together; filled while they are read."""

    modules: set[str] = field(default_factory=set)
    """Top-level modules that are imported without an alternative."""
    names: set[str] = field(default_factory=set)
    """Dotted names that are imported from torch's modules."""
    members: set[str] = field(default_factory=set)
    """Members of torch that are used as modules."""
    strings: set[str] = field(default_factory=set)
    """Constant texts, up to a colon."""

    @property
    def devices(self) -> tuple[str, ...]:
        """What is used both as a module of torch and as a text, as devices are."""
        return tuple(sorted(self.members & self.strings))


def read_needs(root: Path, tops: Collection[str], asked: Collection[str]) -> Needs:
    """Read the modules under `tops`; those in `asked` are asked whether the device is there.

    An import that a module lives without, in a ``try``, is no need, unless it is how a function
    of one that is asked looks for the device.
    """
    found = Needs()
    for module, tree in _modules(root, tops):
        _Reader(found, asks_for_device=module in asked).visit(tree)
    return found


def _modules(root: Path, tops: Collection[str]) -> Iterator[tuple[str, ast.Module]]:
    for top in sorted(tops):
        for parent in (root, root / "src"):
            files = [parent / f"{top}.py", *sorted((parent / top).rglob("*.py"))]
            for file in files:
                parts = file.relative_to(parent).with_suffix("").parts
                if _ASIDE.isdisjoint(parts) and (tree := _parsed(file)) is not None:
                    yield ".".join(parts).removesuffix(".__init__"), tree


def _parsed(file: Path) -> ast.Module | None:
    try:
        return ast.parse(file.read_bytes())
    except (OSError, SyntaxError, ValueError):
        return None


class _Reader(ast.NodeVisitor):
    def __init__(self, found: Needs, *, asks_for_device: bool) -> None:
        self._found = found
        self._asks_for_device = asks_for_device
        self._is_tried = False
        self._depth = 0

    def visit_Import(self, node: ast.Import) -> None:
        for alias in node.names:
            self._take(alias.name)

    def visit_ImportFrom(self, node: ast.ImportFrom) -> None:
        if node.module and not node.level:
            self._take(node.module)
            if node.module.partition(".")[0] == "torch" and not self._is_tried:
                self._found.names.update(f"{node.module}.{alias.name}" for alias in node.names)

    def visit_Try(self, node: ast.Try) -> None:
        before = self._is_tried
        self._is_tried = before or any(map(_expects_absence, node.handlers))
        for child in node.body:
            self.visit(child)
        self._is_tried = before
        for rest in (*node.handlers, *node.orelse, *node.finalbody):
            self.visit(rest)

    def visit_If(self, node: ast.If) -> None:
        if "TYPE_CHECKING" not in ast.unparse(node.test):
            self.generic_visit(node)
            return
        for child in node.orelse:
            self.visit(child)

    def visit_FunctionDef(self, node: ast.FunctionDef) -> None:
        self._depth += 1
        self.generic_visit(node)
        self._depth -= 1

    def visit_Attribute(self, node: ast.Attribute) -> None:
        match node.value:
            case ast.Attribute(value=ast.Name(id="torch"), attr=name) if name[0] != "_":
                self._found.members.add(name)
        self.generic_visit(node)

    def visit_Constant(self, node: ast.Constant) -> None:
        if isinstance(node.value, str):
            self._found.strings.add(node.value.partition(":")[0])

    def _take(self, name: str) -> None:
        if not self._is_tried or (self._asks_for_device and self._depth):
            self._found.modules.add(name.partition(".")[0])


def _expects_absence(handler: ast.ExceptHandler) -> bool:
    # One that raises does without nothing.
    if any(isinstance(child, ast.Raise) for child in handler.body):
        return False
    caught = "ImportError" if handler.type is None else ast.unparse(handler.type)
    return any(name in caught for name in _EXPECTED_ERRORS)
