"""From one parsed file to its records."""

import ast
from collections import defaultdict
from collections.abc import Collection
from itertools import pairwise

from hwcheck.extract.assignments import ASSIGNMENTS
from hwcheck.extract.calls import CALLS
from hwcheck.extract.chains import CHAINS
from hwcheck.extract.classes import CLASSES, without_overloads
from hwcheck.extract.digests import without_docstring
from hwcheck.extract.expressions import EXPRESSIONS, visit_parts
from hwcheck.extract.functions import FUNCTIONS
from hwcheck.extract.imports import IMPORTS
from hwcheck.extract.lazy import read_getattr
from hwcheck.extract.parse import parse
from hwcheck.extract.returns import RETURNS
from hwcheck.extract.sites import calls_of
from hwcheck.extract.state import State
from hwcheck.extract.statements import STATEMENTS, pass_over
from hwcheck.extract.uses import suppressions_of, uses_of
from hwcheck.model.facts import Calls, Module
from hwcheck.model.use import Code

__all__ = ["extract_code", "extract_host_file", "extract_module"]

_HANDLERS = defaultdict(lambda: visit_parts, {**CHAINS, **EXPRESSIONS, **CALLS})
_STATEMENTS = defaultdict(
    lambda: pass_over,
    {**STATEMENTS, **ASSIGNMENTS, **IMPORTS, **RETURNS, **FUNCTIONS, **CLASSES},
)
_HOST = "vllm"


def extract_module(source: str, *, module: str, path: str, is_package: bool) -> Module:
    """Extract what a file offers; raise SyntaxError where it cannot be read."""
    return extract_host_file(source, module=module, path=path, is_package=is_package)[0]


def extract_host_file(
    source: str, *, module: str, path: str, is_package: bool
) -> tuple[Module, Calls]:
    """Extract what a file of a host offers, and the calls that it makes."""
    roots = frozenset({_HOST, module.partition(".")[0]})
    state = _read(source, module, roots, is_package=is_package, is_plugin=False)
    return _module(state, path, is_package=is_package), calls_of(state)


def extract_code(
    source: str, *, module: str, path: str, is_package: bool, own: Collection[str]
) -> Code:
    """Extract what a file of a plugin offers and uses; `own` are the plugin's packages."""
    roots = frozenset({_HOST, *own})
    state = _read(source, module, roots, is_package=is_package, is_plugin=True)
    made = _module(state, path, is_package=is_package)
    return Code(made, uses_of(state, suppressions_of(source)))


def _read(
    source: str, module: str, roots: frozenset[str], *, is_package: bool, is_plugin: bool
) -> State:
    source = source.removeprefix("\ufeff").replace("\r\n", "\n").replace("\r", "\n")
    tree = parse(source)
    state = State(
        module=module,
        is_package=is_package,
        roots=roots,
        is_plugin=is_plugin,
        source_lines=source.split("\n"),
        handlers=_HANDLERS,
        statements=_STATEMENTS,
    )
    try:
        body = without_docstring(tree.body)
        state.is_lazily_annotated = any(
            isinstance(each, ast.ImportFrom)
            and each.module == "__future__"
            and any(alias.name == "annotations" for alias in each.names)
            for each in body[:20]
        )
        state.run(body)
    except RecursionError as error:
        raise SyntaxError("too deeply nested to be read") from error
    return state


def _module(state: State, path: str, *, is_package: bool) -> Module:
    keys = read_getattr(state)
    lines = [0, *state.lines]
    is_exported = state.exports is not None and state.is_exporting
    return Module(
        state.module,
        path,
        is_package,
        tuple(dict.fromkeys(state.bindings)),
        without_overloads(state.functions),
        tuple(each for each in state.classes if each is not None),
        tuple(state.table.conditions),
        tuple(dict.fromkeys(state.exports or ())) if is_exported else None,
        state.is_dynamic,
        keys,
        tuple(here - before for before, here in pairwise(lines)),
        tuple(state.line_names),
    )
