"""What is known while one file is read, and where its records are collected."""

import ast
import re
from collections.abc import Callable, Iterable, Mapping

from hwcheck.extract.conditions import ConditionTable, Guard
from hwcheck.extract.frames import Body, Frame, is_parameter, replace_locals
from hwcheck.extract.split import LITERALS, root_of
from hwcheck.model.facts import Attribute, Binding, BindingKind, CallSite, Chain, Class, Function
from hwcheck.model.use import Argument, Call, Import, Local, Store, Text, Unpack

__all__ = ["ExpressionHandler", "State", "StatementHandler"]

ExpressionHandler = Callable[["State", ast.expr], Chain]
StatementHandler = Callable[["State", ast.stmt], None]

_NAMES_PYTHON = re.compile(r"[A-Za-z_]\w*(?:\.[A-Za-z_]\w*)*(?::[A-Za-z_]\w*(?:\.\w+)*)?")
_MAXIMUM_TEXT = 300


class State:
    """One file on its way to records; expressions are visited once, in the order they run."""

    __slots__ = (
        "accesses",
        "awaited",
        "bindings",
        "calls",
        "classes",
        "discarded",
        "exports",
        "foreign",
        "frame",
        "frames",
        "functions",
        "getattrs",
        "guard",
        "handlers",
        "imports",
        "is_dynamic",
        "is_exporting",
        "is_lazily_annotated",
        "is_plugin",
        "line_names",
        "lines",
        "module",
        "package",
        "receiver",
        "roots",
        "sites",
        "source_lines",
        "statements",
        "stores",
        "table",
        "tables",
        "texts",
        "unpacked",
        "unpacks",
        "values",
    )

    def __init__(
        self,
        *,
        module: str,
        is_package: bool,
        roots: frozenset[str],
        is_plugin: bool,
        source_lines: list[str],
        handlers: Mapping[type[ast.AST], ExpressionHandler],
        statements: Mapping[type[ast.AST], StatementHandler],
    ) -> None:
        """Start at the top of a module; `roots` are the packages whose names are of interest."""
        self.module = module
        self.package = module if is_package else module.rpartition(".")[0]
        self.roots = roots
        self.is_plugin = is_plugin
        self.source_lines = source_lines
        self.handlers = handlers
        self.statements = statements
        self.table = ConditionTable()
        self.guard = Guard(self.table)
        self.frame = Frame(index=0, name="", kind="module")
        self.frames = [self.frame]
        self.receiver = ""
        self.awaited: ast.expr | None = None
        self.discarded: ast.expr | None = None
        self.unpacked: tuple[ast.expr | None, int] = (None, 0)
        self.bindings: list[Binding] = []
        self.values: dict[str, list[Chain]] = {}
        self.functions: list[Function] = []
        self.classes: list[Class | None] = []
        self.exports: list[str] | None = None
        self.is_exporting = True
        self.is_lazily_annotated = False
        self.is_dynamic = False
        #: Dictionaries and other collections that the module writes out, with their entries.
        self.tables: dict[str, list[tuple[str, ast.expr | None]]] = {}
        self.getattrs: list[tuple[ast.FunctionDef, Guard]] = []
        self.lines: list[int] = []
        self.line_names: list[str] = []
        self.foreign: set[str] = set()
        self.imports: list[Import] = []
        self.accesses: dict[tuple[Chain, int, int, bool], list[int]] = {}
        self.calls: list[tuple[Call, Frame]] = []
        self.sites: list[tuple[int, CallSite, Frame]] = []
        self.stores: list[Store] = []
        self.unpacks: list[Unpack] = []
        self.texts: list[Text] = []

    @property
    def place(self) -> int:
        """The place of the current guard in the table; in functions of hosts it is of no use."""
        if self.frame.kind != "function":
            return self.guard.exact
        return self.guard.known if self.is_plugin else 0

    @property
    def body(self) -> Body | None:
        """What is collected of the recorded function around, if there is one."""
        return self.frame.body

    @property
    def class_frame(self) -> Frame | None:
        """The class around, however deep in its methods."""
        holder: Frame | None = self.frame
        while holder is not None and holder.kind != "class":
            holder = holder.parent
        return holder

    def chain(self, node: ast.expr) -> Chain:
        """Visit a part of a longer chain."""
        return self.handlers[type(node)](self, node)

    def visit(self, node: ast.expr) -> Chain:
        """Visit an expression whose value is used; return its chain."""
        chain = self.handlers[type(node)](self, node)
        if self.is_plugin and chain and type(node) in _CHAINED:
            self.access(chain, node.lineno)
        return chain

    def visit_all(self, nodes: Iterable[ast.expr | None]) -> None:
        """Visit some expressions."""
        for node in nodes:
            if node is not None:
                self.visit(node)

    def run(self, statements: list[ast.stmt]) -> None:
        """Visit the statements of a block; the guard may be narrower behind it."""
        body = self.frame.body
        handlers = self.statements
        if body is None:
            for statement in statements:
                handlers[type(statement)](self, statement)
            return
        shape = body.shape
        shape.append("{")
        for statement in statements:
            shape.append(";")
            handlers[type(statement)](self, statement)
        shape.append("}")

    def access(self, chain: Chain, line: int, *, is_tested: bool = False) -> None:
        """Note a chain that is read."""
        key = (chain, self.frame.index, self.place, is_tested)
        found = self.accesses.get(key)
        if found is None:
            self.accesses[key] = [line]
        elif found[-1] != line:
            found.append(line)

    def text(self, value: str, line: int, role: str = "other", subject: Chain = "") -> None:
        """Note a constant string, if it may name something of Python that is of interest."""
        if not self.is_plugin or len(value) > _MAXIMUM_TEXT:
            return
        top, dot, _ = value.partition(":" if "." not in value else ".")
        if dot and top in self.roots and _NAMES_PYTHON.fullmatch(value):
            self.texts.append(Text(value, line, self.frame.index, self.place, role, subject))

    def bind(self, name: str, kind: BindingKind, target: str = "", member: str = "") -> None:
        """Note a name of the module."""
        self.bindings.append(Binding(name, kind, target, member, "", self.guard.exact))

    def local(
        self, name: str, value: Chain, line: int, how: str = "assign", position: int = 0
    ) -> None:
        """Note a name of the scope."""
        self.frame.add(Local(name, value, "", line, self.place, how, position))

    def narrow(self, name: Chain, kind: str, line: int) -> str:
        """Note that a name or chain is of a class from a line on; return the class before."""
        before = ""
        for local in self.frame.locals.get(name, ()):
            if local.how == "narrow":
                before = local.annotation
        self.frame.add(Local(name, "", kind, line, self.place, "narrow"))
        return before

    def note_key(self, name: str, key: ast.expr, chain: Chain, value: ast.expr | None) -> None:
        """Note a key that is put into a local dictionary."""
        keys = self.frame.dictionaries.get(name)
        if keys is None:
            return
        if not (isinstance(key, ast.Constant) and isinstance(key.value, str)):
            keys.is_open = True
            return
        text = value.value if isinstance(value, ast.Constant) else ""
        given = Argument(key.value, chain, text if isinstance(text, str) else "")
        if self.guard is keys.guard:
            keys.certain[key.value] = given
        else:
            keys.possible.append((given, self.guard))

    def set_attribute(self, name: str, chain: Chain, annotation: str = "") -> None:
        """Note an attribute that a method sets on its receiver."""
        body = self.frame.body
        if body is not None:
            made = Attribute(name, "", annotation, chain, False, False, False, self.place)
            body.sets.add(name)
            body.attributes.append((made, self.frame))

    def export(self, node: ast.expr | None) -> None:
        """Note what is put into ``__all__``."""
        elements = node.elts if isinstance(node, ast.Tuple | ast.List) else [node]
        names = self.exports = self.exports or []
        for element in elements:
            if isinstance(element, ast.Constant) and isinstance(element.value, str):
                names.append(element.value)
            else:
                self.is_exporting = False

    def is_wanted(self, dotted: str) -> bool:
        """Tell whether a dotted name is of a package of interest."""
        return dotted.partition(".")[0] in self.roots

    def is_interesting(self, chain: Chain) -> bool:
        """Tell whether a chain does not start from an import of another package."""
        return root_of(chain) not in self.foreign

    def globalise(self, chain: Chain) -> Chain:
        """Write a chain so that it means the same at the top of the module; else empty."""
        if not chain or chain.startswith(tuple(LITERALS)):
            return ""
        root = root_of(chain)
        if root in ("super", "lambda") or (root == self.receiver and root):
            return ""
        if self.frame.kind == "function":
            if is_parameter(self.frame, chain):
                return ""
            chain = replace_locals(self.frame, chain)
            if not chain or is_parameter(self.frame, chain):
                return ""
        return chain


_CHAINED = frozenset({ast.Attribute, ast.Call, ast.Subscript, ast.Await, ast.NamedExpr})
