"""Tests of what the code of a plugin uses."""

import pytest

from hwcheck.model.facts import Parameter
from hwcheck.model.use import Argument, Suppression


@pytest.fixture
def chains(code):
    def find(source):
        return {each.chain for each in code("import vllm\n" + source).uses.accesses}

    return find


@pytest.fixture
def calls(code, shown):
    def find(source):
        found = code("import vllm\nfrom plug.g import gate\n" + source).uses
        return [
            (each, shown(found.conditions[each.guard]))
            for each in found.calls
            if each.callee.startswith(("vllm", "super", "self"))
        ]

    return find


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("vllm.a.b", {"vllm.a.b"}),
        ("vllm.a(vllm.b).c", {"vllm.b", "vllm.a().c"}),
        ("vllm.a[vllm.b][1].c()", {"vllm.b", "vllm.a[][].c()"}),
        ("async def f(): (await vllm.a()).b", {"vllm.a()~.b"}),
        ("[x.y for x in vllm.z if x.w]", {"vllm.z", "x.y", "x.w"}),
        ("{x.k: x.v for x in vllm.z}", {"vllm.z", "x.k", "x.v"}),
        ("sum(x.y for x in vllm.z)", {"vllm.z", "x.y"}),
        ("f'{vllm.a.b!r:>{vllm.c}}'", {"vllm.a.b", "vllm.c"}),
        ("lambda x=vllm.a: vllm.b", {"vllm.a", "vllm.b"}),
        ("vllm.a < vllm.b", {"vllm.a", "vllm.b"}),
        ("{vllm.a: vllm.b, **vllm.c}", {"vllm.a", "vllm.b", "vllm.c"}),
        ("vllm.a + vllm.b + vllm.c", {"vllm.a", "vllm.b", "vllm.c"}),
        ("getattr(vllm.a, 'b').c", {"vllm.a.b.c"}),
        ("type(vllm.a).b", {"vllm.a.__class__.b"}),
        ("cast(vllm.A, x).b", {"vllm.A().b"}),
        ("from typing import cast\ncast('vllm.A', x).b", {"vllm.A().b"}),
        ("import torch\ntorch.a.b(vllm.c)", {"vllm.c"}),
        ("print(vllm.a)", {"vllm.a"}),
        ("''.join(vllm.a)", {"vllm.a"}),
        ("x = vllm.a()\nx.b", {"vllm.a()", "x.b"}),
        ("import torch\ndef f():\n  x = torch.a()\n  x.b", set()),
        ("import torch\ndef f(t: torch.Tensor, u: int, v, w: 'vllm.W'): t.a, u.b, v.c, w.d",
         {"v.c", "w.d"}),
        ("def f():\n  x = y = vllm.a\n  y = x.b\n  y.c", {"vllm.a", "x.b", "y.c"}),
        ("def f():\n  x = x.a\n  x.b", set()),
        ("from vllm.x import *\nname.attribute", {"name.attribute"}),
        ("class A(vllm.B[vllm.C]): pass", {"vllm.C"}),
        ("class A(vllm.b()): pass", {"vllm.b()"}),
        ("@vllm.a.b\ndef f(x: vllm.C, y: vllm.D = vllm.E): pass",
         {"vllm.a.b", "vllm.C", "vllm.D", "vllm.E"}),
        ("from __future__ import annotations\ndef f(x: vllm.C) -> vllm.D: pass", set()),
        ("x: vllm.A = vllm.B\ndef f():\n  y: vllm.C = 1", {"vllm.A", "vllm.B"}),
        ("assert vllm.a, vllm.b", {"vllm.a", "vllm.b"}),
        ("raise vllm.a from vllm.b", {"vllm.a", "vllm.b"}),
        ("del vllm.a[vllm.b]", {"vllm.a[]", "vllm.b"}),
        ("with vllm.a() as b: b.c", {"vllm.a()", "b.c"}),
        ("for a, b in vllm.c: pass\nelse: vllm.d", {"vllm.c", "vllm.d"}),
        ("while vllm.a: pass\nelse: vllm.b", {"vllm.a", "vllm.b"}),
        ("match vllm.a:\n  case vllm.b: pass\n  case vllm.C() as x if vllm.d: x.e",
         {"vllm.a", "vllm.b", "vllm.C", "vllm.d", "x.e"}),
        ("vllm.a.b += vllm.c", {"vllm.a.b", "vllm.c"}),
        ("vllm.a.b = vllm.c", {"vllm.c"}),
        ("vllm.a.b[0] = vllm.c", {"vllm.a.b", "vllm.c"}),
        ("(x := vllm.a).b", {"vllm.a.b"}),
        ("logger = vllm.l()\nlogger.info(1)\nlogger.info_once(2)",
         {"vllm.l()", "logger.info_once()"}),
        ("def f(*, a=vllm.b): yield vllm.c", {"vllm.b", "vllm.c"}),
        ("x = [*vllm.a]", {"vllm.a"}),
    ],
)  # fmt: skip
def test_longest_chains_are_accesses(chains, source, expected):
    """
    What is read is noted by its longest chain, unless it leads nowhere of interest.
    """
    assert chains(source) - {"vllm.A", "cast()"} == expected - {"vllm.A"}


def test_lines_of_one_chain_are_collected(code):
    """
    The same chain in the same scope under the same guard is one access.
    """
    found = code("import vllm\nvllm.a\nvllm.a; vllm.a\ndef f(): vllm.a\n").uses.accesses

    assert [(each.chain, each.lines, each.scope) for each in found] == [
        ("vllm.a", (2, 3), 0),
        ("vllm.a", (4,), 1),
    ]


@pytest.mark.parametrize(
    "source",
    [
        "hasattr(vllm.a, 'used')",
        "getattr(vllm.a, 'used', None)",
        "if hasattr(vllm.a, 'used'): vllm.a.used.b",
        "x = vllm.a.used if hasattr(vllm.a, 'used') else 1",
        "hasattr(vllm.a, 'used') and vllm.a.used()",
    ],
)
def test_tested_access_is_marked(code, source):
    """
    Attributes that are asked for before are marked.
    """
    found = code("import vllm\n" + source).uses.accesses

    assert {each.is_tested for each in found if ".used" in each.chain} == {True}


def test_access_beside_a_test_is_not_marked(code):
    """
    Another attribute with the same start is not tested.
    """
    found = code("import vllm\nif hasattr(vllm, 'ab'): vllm.abc\n").uses.accesses

    assert [each.is_tested for each in found if each.chain == "vllm.abc"] == [False]


def test_arguments_of_a_call_are_told(calls):
    """
    A call has its arguments as chains and constant texts.
    """
    ((call, _),) = calls("vllm.f(vllm.a, 'vllm.b', *c, k='d', **e)")

    assert call.arguments == (
        Argument("", "vllm.a"),
        Argument("", "str()", "vllm.b"),
        Argument("k", "str()", "d"),
    )
    assert (call.is_starred, call.is_double_starred) == (True, True)


def keywords(found):
    return [
        ({x.keyword for x in call.arguments}, call.is_double_starred, guard)
        for call, guard in found
    ]


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("vllm.f(**{'a': 1})", [({"a"}, False, "all()")]),
        ("vllm.f(**{'a': 1, **x})", [({"a"}, True, "all()")]),
        ("vllm.f(**dict(a=1))", [({"a"}, False, "all()")]),
        ("vllm.f(**dict(x, a=1, **y))", [({"a"}, True, "all()")]),
        ("vllm.f(**x.y)", [(set(), True, "all()")]),
        ("vllm.f(**({'a': 1} if gate('1') else {}))",
         [({"a"}, False, "call:gate 1"), (set(), False, "not(call:gate 1)")]),
        ("vllm.f(**({'a': 1} if x > 1 else {}))", [(set(), True, "all()")]),
        ("def f():\n  k = {'a': 1}\n  k['b'] = 2\n  vllm.f(**k)", [({"a", "b"}, False, "all()")]),
        ("def f():\n  k = dict(a=1)\n  vllm.f(**k)", [({"a"}, False, "all()")]),
        ("def f():\n  k = {}\n  k[x] = 1\n  vllm.f(**k)", [(set(), True, "all()")]),
        ("def f():\n  k = {'a': 1}\n  k.update(x)\n  vllm.f(**k)", [({"a"}, True, "all()")]),
        ("def f():\n  k = {'a': 1}\n  k.pop('a')\n  vllm.f(**k)", [(set(), True, "all()")]),
        ("def f():\n  k = {}\n  if gate('1'): k['a'] = 1\n  vllm.f(**k)",
         [(set(), True, "all()"), ({"a"}, True, "call:gate 1")]),
        ("def f():\n  k = {}\n  if x > 1: k['a'] = 'b'\n  vllm.f(**k)", [(set(), True, "all()")]),
        ("def f():\n  k = {'a': 1}\n  k = {'b': 1}\n  vllm.f(**k)", [({"b"}, True, "all()")]),
        ("def f(**k): vllm.f(**k)", [(set(), True, "all()")]),
        ("from functools import partial\npartial(vllm.f, a=1)", [({"a"}, True, "all()")]),
    ],
)  # fmt: skip
def test_dictionaries_that_are_passed_are_opened(calls, source, expected):
    """
    Keywords passed by a dictionary of the same function are arguments.
    """
    assert keywords(calls(source)) == expected


def test_awaited_and_launched_calls_are_told(calls):
    """
    Awaited calls are marked; a kernel is called through its items.
    """
    found = calls("async def f():\n  await vllm.a()\n  vllm.kernel[(1,)](2)\n  super(A, b).c()")

    assert [(call.callee, call.is_awaited) for call, _ in found] == [
        ("vllm.a", True),
        ("vllm.kernel[]", False),
        ("super().c", False),
    ]


def test_stores_tell_target_and_value(code):
    """
    What is put onto something of somebody else is a store.
    """
    found = code(
        """
        import vllm, torch
        def new(self): pass
        vllm.A.f = new
        vllm.A.g = lambda self, x=1: x
        setattr(vllm.A, "h", new)
        object.__setattr__(vllm.a, "i", "vllm.b.c")
        del vllm.A.j
        delattr(vllm.A, "k")
        vllm.T["l"] = new
        vllm.n += 1
        torch.o = 1
        setattr(vllm.A, name, new)
        vllm.a.p, (vllm.a.q, *vllm.a.r) = new, vllm.s
        for vllm.t in x: pass
        def f(o):
            o.u = 1
            d = {}
            d["v"] = 2
        """
    ).uses

    assert [(x.target, x.value, x.text, x.is_deleted) for x in found.stores] == [
        ("vllm.A.f", "new", "", False),
        ("vllm.A.g", "lambda", "", False),
        ("vllm.A.h", "new", "", False),
        ("vllm.a.i", "str()", "vllm.b.c", False),
        ("vllm.A.j", "", "", True),
        ("vllm.A.k", "", "", True),
        ("vllm.T[]", "new", "", False),
        ("vllm.n", "", "", False),
        ("vllm.a.p", "new", "", False),
        ("vllm.a.q", "", "", False),
        ("vllm.a.r", "", "", False),
        ("vllm.t", "", "", False),
        ("o.u", "int()", "", False),
    ]
    assert found.stores[1].parameters == (Parameter("self"), Parameter("x", is_required=False))


def test_unpacked_values_are_told(code):
    """
    A value that is taken apart tells into how many names.
    """
    found = code("import vllm\na, b = vllm.f()\nc, *d = vllm.g\n(e, f), g = h = vllm.i()\n").uses

    assert [(x.value, x.arity, x.is_starred) for x in found.unpacks] == [
        ("vllm.f()", 2, False),
        ("vllm.g", 1, True),
        ("vllm.i()", 2, False),
    ]


def test_texts_that_name_something_have_their_role(code):
    """
    Class paths are told with what is done with them; others are left out.
    """
    found = code(
        """
        import os, sys, vllm
        PATH = "vllm.a.B"
        vllm.x.path = "plug.a:B"
        vllm.f("vllm.a.C", key="plug.D", other="torch.nn")
        def f(): return "vllm.a.E"
        LIST = ["vllm.a.F", "not a vllm.path", "plug."]
        os.environ["VLLM_A"] = "1"
        os.environ.get("VLLM_B"), os.getenv("HOME"), "VLLM_C" in os.environ
        sys.modules["vllm.g"] = LIST
        """
    ).uses.texts

    assert [(x.text, x.role, x.subject) for x in found] == [
        ("vllm.a.B", "stored", "PATH"),
        ("plug.a:B", "stored", "vllm.x.path"),
        ("vllm.a.C", "argument", "vllm.f"),
        ("plug.D", "argument", "vllm.f"),
        ("vllm.a.E", "returned", ""),
        ("vllm.a.F", "other", ""),
        ("VLLM_A", "environment", "os.environ[]"),
        ("VLLM_B", "environment", "os.environ.get"),
        ("VLLM_C", "environment", "os.environ"),
        ("vllm.g", "stored", "sys.modules[]"),
    ]


def test_imports_of_interest_are_told(code):
    """
    Imports of vLLM and of the plugin are told, relative and dynamic ones too.
    """
    found = code(
        """
        import importlib, torch, vllm.a as b, vllm.c
        from vllm.d import e as f, g
        from . import h
        from ..i import j
        from .. import *
        def k():
            from vllm.l import m
            n = importlib.import_module("vllm.o")
            n.p
            importlib.import_module(".q", __package__)
            __import__("torch")
            importlib.import_module(name)
        r = importlib.import_module("vllm.s")
        class T:
            from vllm.u import v
        """
    )
    imports = [(x.module, x.name, x.alias, x.is_dynamic) for x in found.uses.imports]
    local = {x.name: (x.how, x.value) for x in found.uses.scopes[1].locals}

    assert imports == [
        ("vllm.a", "", "b", False),
        ("vllm.c", "", "vllm", False),
        ("vllm.d", "e", "f", False),
        ("vllm.d", "g", "g", False),
        ("plug.sub", "h", "h", False),
        ("plug.i", "j", "j", False),
        ("plug", "*", "*", False),
        ("vllm.l", "m", "m", False),
        ("vllm.o", "", "n", True),
        ("plug.sub.q", "", "", True),
        ("vllm.s", "", "r", True),
        ("vllm.u", "v", "v", False),
    ]
    assert local == {"n": ("import", "vllm.o")}


def test_scopes_tell_which_parameters_are_never_looked_at(code):
    """
    A docstring does not look at them, a nested function and `locals()` do.
    """
    found = code(
        """
        def f(a, b, c):
            'Say something of a.'
            return lambda: b
        def g(a):
            return locals()
        def h(a): pass
        """
    ).uses.scopes

    assert [scope.unread for scope in found if scope.name in ("f", "g")] == [("a", "c"), ()]


def test_scopes_tell_owner_receiver_and_locals(code):
    """
    Scopes nest; what stands in a method knows its class, however deep.
    """
    found = code(
        """
        import vllm
        class A:
            def f(self, c: int):
                x = vllm.a
                y, z = vllm.b()
                for w in vllm.c: w.d
                with vllm.e() as v: v.g
                x.h, y.i, z.j
                def inner(): return self.k
                return inner, lambda self: self.l
            @classmethod
            def g(cls): cls.m
            @staticmethod
            def h(n): n.o
        """
    ).uses.scopes
    locals_ = [(x.name, x.how, x.value, x.position) for x in found[2].locals]

    assert [(x.name, x.kind, x.parent, x.owner, x.receiver) for x in found] == [
        ("", "module", 0, "", ""),
        ("A", "class", 0, "", ""),
        ("A.f", "function", 1, "A", "self"),
        ("A.f.inner", "function", 2, "A", "self"),
        ("A.f.<lambda>", "function", 2, "A", ""),
        ("A.g", "function", 1, "A", "cls"),
        ("A.h", "function", 1, "A", ""),
    ]
    assert [x.is_class_method for x in found] == [False] * 5 + [True, False]
    assert locals_ == [
        ("x", "assign", "vllm.a", 0),
        ("y", "item", "vllm.b()", 0),
        ("z", "item", "vllm.b()", 1),
        ("w", "for", "vllm.c", 0),
        ("v", "with", "vllm.e()", 0),
    ]


def test_suppressions_are_read_from_comments_only(code):
    """
    A comment silences; a string that looks like one does not.
    """
    found = code(
        'x = 1  # hwcheck: ignore[HW101, HW2]\ny = "# hwcheck: ignore"\nz = 2  #hwcheck: ignore\n'
    ).uses.suppressions

    assert found == (Suppression(1, ("HW101", "HW2")), Suppression(3))
