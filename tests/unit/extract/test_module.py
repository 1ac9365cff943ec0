"""Tests of whole files."""

import random
import sys
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from hwcheck.codec import pack, unpack
from hwcheck.extract import extract_code, extract_host_file, extract_module
from hwcheck.model.facts import BindingKind, Calls, Module
from hwcheck.model.use import Code

HERE = Path(__file__)
WORDS = """vllm x self . ( ) [ ] = == : , not is None in from import as class return lambda ** * @
with for while hasattr getattr( global del yield match case and or := -> 1 try: except await async
def f if else isinstance( __all__ # {} super()"""
PIECES = (*WORDS.split(), "\n", "\n\n", '"0.11"', 'f"{x}"', 'vllm_version_is("0.1")')
BLOCKS = (
    "if {e}:\n{b}\nelse:\n{b}",
    "try:\n{b}\nexcept {e}:\n{b}",
    "for {t} in {e}:\n{b}",
    "with {e} as {t}:\n{b}",
    "def f(a, b={e}, *c, **d):\n{b}",
    "async def f(self):\n{b}",
    "class C({e}):\n{b}",
    "while {e}:\n{b}",
    "match {e}:\n case {e}:\n  pass\n case C(x=1) as y:\n  pass",
)
SIMPLE = (
    "{t} = {e}",
    "{t}: {e} = {e}",
    "{e}",
    "return {e}",
    "del {t}",
    "{t} += {e}",
    "assert {e}",
    "raise {e}",
    "import vllm.a.b",
    "from vllm.x import y as z, w",
    "from . import q",
    "global g",
    "setattr({e}, 'n', {e})",
    "{t}, y = {e}",
    "globals()['a'] = {e}",
)
TARGETS = ("x", "self.x", "x.y", "x[0]", "vllm.a.b", "y", "g")
EXPRESSIONS = (
    "x", "vllm.a", "self.b.c", "{e}.d", "{e}({e})", "{e}(k={e}, **{e})", "{e}[{e}]", "not {e}",
    "({e} and {e})", "({e} or {e})", "({e} if {e} else {e})", "(lambda self, q: {e})", "[{e}]",
    "({e}, {e})", "{{'k': {e}, **{e}}}", "[{e} for x in {e} if {e}]", "{e} == '0.11'", "None",
    "{e} is None", "hasattr({e}, 'n')", "getattr({e}, 'n', {e})", "super().f({e})", "'vllm.a.B'",
    "isinstance({e}, {e})", "type({e})", "(w := {e})", "vllm_version_is('0.1')", "-{e}", "1",
    "Version(vllm.__version__) >= Version('0.1')", "f'{{ {e} }}'", "partial({e}, {e})",
    "import_module('vllm.x')", "{e} in ('0.1', '0.2')", "{e} < (0, 1) <= {e}", "dict(a={e})",
    "{{k: v for k, v in {e}}}", "{e} + {e}",
)  # fmt: skip


def make_expression(chance, depth=0):
    shape = chance.choice(EXPRESSIONS if depth < 4 else EXPRESSIONS[:2])
    while "{e}" in shape:
        shape = shape.replace("{e}", make_expression(chance, depth + 1), 1)
    return shape.replace("{{", "{").replace("}}", "}")


def make_block(chance, indent, depth):
    lines = []
    for _ in range(chance.randint(1, 3)):
        shape = chance.choice(BLOCKS if depth < 3 and chance.random() < 0.4 else SIMPLE)
        while "{e}" in shape:
            shape = shape.replace("{e}", make_expression(chance), 1)
        while "{t}" in shape:
            shape = shape.replace("{t}", chance.choice(TARGETS), 1)
        for line in shape.split("\n"):
            if line == "{b}":
                lines.extend(make_block(chance, indent + 1, depth + 1))
            else:
                lines.append(" " * indent + line)
    return lines


def both(source):
    code = extract_code(source, module="p.m", path="p/m.py", is_package=False, own=["p"])
    facts = extract_host_file(source, module="p.m", path="p/m.py", is_package=False)
    return code, facts


def check_indices(code):
    uses = code.uses
    guards, scopes = range(len(uses.conditions)), range(len(uses.scopes))
    records = [*uses.accesses, *uses.calls, *uses.stores, *uses.unpacks, *uses.texts, *uses.imports]
    assert all(each.guard in guards and each.scope in scopes for each in records)
    assert all(scope.parent in scopes for scope in uses.scopes)
    assert len(code.module.lines) == len(code.module.line_names)
    assert all(step >= 0 for step in code.module.lines)


@settings(max_examples=150, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.randoms(use_true_random=False))
def test_any_program_is_extracted_and_survives_packing(chance):
    """
    Generated programs never raise anything but SyntaxError, and their records can be stored.
    """
    source = "\n".join(make_block(random.Random(chance.random()), 0, 0)) + "\n"
    try:
        code, (module, calls) = both(source)
    except SyntaxError:
        return

    check_indices(code)
    assert unpack(pack(code), Code) == code
    assert unpack(pack(module), Module) == module
    assert unpack(pack(calls), Calls) == calls


@settings(max_examples=150, deadline=None)
@given(st.lists(st.sampled_from(PIECES), max_size=30).map(" ".join))
def test_any_text_is_extracted_or_a_syntax_error(source):
    """
    Pieces of source in any order raise nothing but SyntaxError.
    """
    try:
        code, _ = both(source)
    except SyntaxError:
        return

    check_indices(code)


@pytest.mark.parametrize("name", ["argparse", "dataclasses", "typing", "enum", "asyncio.tasks"])
def test_real_modules_survive_packing(name):
    """
    Modules of the standard library give records that can be stored and read again.
    """
    __import__(name)
    source = Path(sys.modules[name].__file__).read_text(encoding="utf-8")
    code, (module, calls) = both(source)

    check_indices(code)
    assert unpack(pack(code), Code) == code
    assert unpack(pack(module), Module) == module
    assert unpack(pack(calls), Calls) == calls
    assert module.line_of(module.classes[0].name if module.classes else "run") >= 0


@pytest.mark.parametrize("source", ["", "# nothing\n", '"""Only this."""\n', "\x0c\n", "\ufeff\n"])
def test_file_without_statements_is_empty(source):
    """
    A file without statements offers and uses nothing.
    """
    code, (module, calls) = both(source)

    assert (module.bindings, calls.sites, code.uses.accesses) == ((), (), ())


def test_elif_chain_too_long_for_the_stack_is_a_syntax_error():
    """
    What the parser reads but a walk cannot follow is refused like what the parser refuses.
    """
    source = "if x:\n  pass\n" + "elif y:\n  pass\n" * 2500

    with pytest.raises(SyntaxError, match="deeply"):
        both(source)


def test_module_alone_equals_that_of_the_host_file():
    """
    Asking for the facts alone gives the same facts.
    """
    source = HERE.read_text(encoding="utf-8")
    arguments = {"module": "t", "path": "t.py", "is_package": False}

    assert extract_module(source, **arguments) == extract_host_file(source, **arguments)[0]


def test_lines_lead_to_the_last_definition_of_a_name(host):
    """
    Definitions are found by their names with the classes around them.
    """
    module, _ = host(
        """
        def f(): pass
        class A:
            @property
            def p(self): pass
            class B:
                def q(self): pass
        def f(): pass
        """
    )

    assert [module.line_of(name) for name in ("f", "A", "A.p", "A.B.q", "g")] == [8, 3, 5, 7, 0]


def test_all_kinds_of_bindings_are_told_apart(host):
    """
    Every way of binding a name of a module has its kind.
    """
    module, _ = host(
        """
        import vllm.a, torch.nn as nn
        from .b import c as d
        from ..e import *
        class F: pass
        def g():
            global n, o
            n = 1
            def o(): pass
        h: int
        i: str = h.x()
        for j in []: pass
        with x() as (k, *l): pass
        globals()["m"] = 1
        p, q = r = g()
        if (s := g()): pass
        del p
        """
    )
    found = {(b.name, b.kind, b.target, b.member, b.annotation) for b in module.bindings}

    assert found == {
        ("vllm", BindingKind.IMPORT, "vllm.a", "", ""),
        ("nn", BindingKind.IMPORT, "torch.nn", "", ""),
        ("d", BindingKind.FROM, "vllm.sub.b", "c", ""),
        ("*", BindingKind.STAR, "vllm.e", "", ""),
        ("F", BindingKind.CLASS, "", "", ""),
        ("g", BindingKind.FUNCTION, "", "", ""),
        ("n", BindingKind.OTHER, "", "", ""),
        ("o", BindingKind.OTHER, "", "", ""),
        ("h", BindingKind.DECLARED, "", "", "int"),
        ("i", BindingKind.VALUE, "h.x()", "", "str"),
        ("j", BindingKind.OTHER, "", "", ""),
        ("k", BindingKind.OTHER, "", "", ""),
        ("l", BindingKind.VALUE, "", "", ""),
        ("m", BindingKind.OTHER, "", "", ""),
        ("q", BindingKind.VALUE, "", "", ""),
        ("r", BindingKind.VALUE, "g()", "", ""),
        ("s", BindingKind.VALUE, "g()", "", ""),
    }


def test_exports_are_joined_and_dropped_where_they_cannot_be_read(host):
    """
    ``__all__`` is known only when every part of it is written out.
    """
    known, _ = host(
        '__all__ = ["a"]\n__all__ += ["b"]\n__all__.extend(("c",))\n__all__.append("d")'
    )
    unknown, _ = host('__all__ = ["a"] + other.__all__')

    assert (known.exports, unknown.exports) == (("a", "b", "c", "d"), None)
