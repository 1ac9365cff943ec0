"""Tests of the facts about functions."""

import pytest

from hwcheck.model.facts import Form, Parameter, ParameterKind


@pytest.fixture
def function(host):
    def find(source):
        module, _ = host(source)
        return module.functions[-1] if module.functions else module.classes[-1].functions[-1]

    return find


def method(*lines):
    return "\n".join(["class A:", *(f"    {line}" for line in lines)])


def test_parameters_have_kind_need_and_annotation(function):
    """
    Every kind of parameter is told apart; annotations lose quotes and white space.
    """
    found = function("def f(a: 'X | None', /, b, c=1, *d: int, e, f: list[ int ] = 2, **g): pass")

    assert found.parameters == (
        Parameter("a", ParameterKind.POSITIONAL, True, "X|None"),
        Parameter("b"),
        Parameter("c", is_required=False),
        Parameter("d", ParameterKind.VARIADIC, False, "int"),
        Parameter("e", ParameterKind.KEYWORD),
        Parameter("f", ParameterKind.KEYWORD, False, "list[int]"),
        Parameter("g", ParameterKind.KEYWORDS, False),
    )


@pytest.mark.parametrize(
    ("annotation", "expected"),
    [
        ("a.B[c, D]", "a.B[c,D]"),
        ("Callable[[int], 'X'] | None", "Callable[[int],X]|None"),
        ("Literal[1, 'a b']", "Literal[1,ab]"),
        ("tuple[int, ...]", "tuple[int,...]"),
        ("f(x)", "f(x)"),
    ],
)
def test_annotation_is_written_without_white_space(function, annotation, expected):
    """
    Annotations are written as in the source, without white space and quotes.
    """
    assert function(f"def f() -> {annotation}: pass").returns == expected


@pytest.mark.parametrize(
    ("lines", "form", "is_abstract", "decorators"),
    [
        (["def f(self): pass"], Form.METHOD, False, ()),
        (["@classmethod", "def f(cls): pass"], Form.CLASS_METHOD, False, ()),
        (["@staticmethod", "@abc.abstractmethod", "def f(): pass"], Form.STATIC_METHOD, True, ()),
        (["@functools.cached_property", "def f(self): pass"], Form.PROPERTY, False, ()),
        (["@abstractproperty", "def f(self): pass"], Form.PROPERTY, True, ()),
        (["@a.b(1)[c].d", "def f(self): pass"], Form.METHOD, False, ("a.b()[].d",)),
        (["@(lambda x: x)", "def f(self): pass"], Form.METHOD, False, ()),
        (["def __new__(cls): pass"], Form.CLASS_METHOD, False, ()),
    ],
)
def test_form_is_told_by_decorators(function, lines, form, is_abstract, decorators):
    """
    What decorators make of a function is told; the others are kept.
    """
    found = function(method(*lines))

    assert (found.form, found.is_abstract, found.decorators) == (form, is_abstract, decorators)


def test_setter_makes_the_property_settable(host):
    """
    A setter is no function of its own.
    """
    module, _ = host(
        """
        class A:
            @property
            def p(self): return self._p
            @p.setter
            def p(self, value): self._p = value
            @p.deleter
            def p(self): pass
            @Base.q.setter
            def q(self, value): pass
        """
    )
    found = [(x.name, x.form, x.is_settable) for x in module.classes[0].functions]

    assert found == [("p", Form.PROPERTY, True), ("q", Form.PROPERTY, True)]


def test_overloads_give_way_to_the_implementation(host):
    """
    Overloads are left out, but for the last where there is no implementation.
    """
    module, _ = host(
        """
        @overload
        def f(a): pass
        @typing.overload
        def f(b): pass
        def f(c): pass
        @overload
        def g(a): pass
        @overload
        def g(b): pass
        """
    )

    assert [(x.name, x.parameters[0].name) for x in module.functions] == [("f", "c"), ("g", "b")]


def test_receiver_is_followed_through_the_body(function):
    """
    What a method reads, sets and asks of its bases is told, nested functions included.
    """
    found = function(
        method(
            "def f(this, x):",
            "    this.a = this.b.c()",
            "    this.d += 1",
            "    getattr(this, 'e'), getattr(this, 'no', 1), hasattr(this, 'no')",
            "    setattr(this, 'g', 1)",
            "    super().h(); super(A, this).i; Base.j(this); this.k(this); other.l(this)",
            "    def inner(): return this.m",
            "    lambda this: this.no",
            "    def shadow(this): return this.no",
            "    for this.n in x: pass",
            "    this.__class__.o, type(this).p",
        )
    )

    assert (
        found.reads == ("__class__", "a", "b", "d", "e", "k", "m", "o", "p")[:1] + found.reads[1:]
    )
    assert set(found.reads) >= {"b", "d", "e", "k", "m", "o", "p"}
    assert "no" not in found.reads
    assert found.sets == ("a", "d", "g", "n")
    assert found.supers == ("h", "i", "j")


@pytest.mark.parametrize(
    ("body", "arities", "returned"),
    [
        ("return 1, 2", (2,), ("tuple()",)),
        ("return", (), ("None()",)),
        ("return None", (), ("None()",)),
        ("return x if y else (1, 2)", (-1, 2), ("",)),
        ("return x if y else None", (-1,), ("x",)),
        ("z = 1, 2, 3\n  return z", (3,), ("tuple()",)),
        ("return *x, 1", (-1,), ("tuple()",)),
        ("z = g().h\n  return z", (-1,), ("g().h",)),
        ("z = x.a\n  w = z.b\n  return w", (-1,), ("x.a.b",)),
        ("z = 1\n  z = 2\n  return z", (-1,), ("",)),
        ("z = g()\n  if x: return z\n  return x.y", (-1,), ("g()", "x.y")),
        ("from vllm.m import C as D\n  return D().e", (-1,), ("vllm.m.C().e",)),
        ("import vllm.m as n\n  return n.C", (-1,), ("vllm.m.C",)),
        ("x = 1\n  return x", (-1,), ("",)),
        ("for z in x: return z", (-1,), ("",)),
        ("def z(): return 5, 6\n  return z", (-1,), ("",)),
        ("z = 1\n  def w():\n    nonlocal z\n    z = 2\n  return z", (-1,), ("",)),
        ("return torch.zeros()", (-1,), ("",)),
        ("return not x", (-1,), ("bool()",)),
        ("return 'text'", (-1,), ("str()",)),
        ("return -1", (-1,), ("int()",)),
        ("yield 1, 2", (), ()),
    ],
)
def test_returned_values_are_told(host, body, arities, returned):
    """
    What is returned is told with single values of local names put in.
    """
    module, _ = host(f"import torch\ndef f(x, y):\n  {body}\n")
    found = module.functions[0]

    assert (found.arities, found.returned) == (arities, returned)


def test_generators_and_coroutines_are_told(host):
    """
    A ``yield`` in a nested function makes no generator of the one around.
    """
    module, _ = host("async def f():\n  yield\ndef g():\n  def h(): yield from x\n  return h")

    assert [(x.is_async, x.is_generator) for x in module.functions] == [
        (True, True),
        (False, False),
    ]


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ("raise NotImplementedError", True),
        ("'''Text.'''\n  raise NotImplementedError('x')", True),
        ("x()\n  raise NotImplementedError", False),
        ("raise ValueError", False),
        ("raise", False),
    ],
)
def test_function_that_only_refuses_is_told(function, body, expected):
    """
    A body that does nothing but raise NotImplementedError refuses.
    """
    assert function(f"def f():\n  {body}").refuses is expected


SAME = [
    "def f(a):\n    x = 1\n    return g(x, a)",
    "def f(a):\n    '''Text.'''\n    x = 1  # why\n\n    # it's\n    return g(\n  x, a,\n )",
    "class A:\n    def f(a):\n        x = 1 # don't 'x\n        return g(x, a)",
]
OTHER = [
    "def f(a):\n    x = 2\n    return g(x, a)",
    "def f(a):\n    x = 1\n    return g(a, x)",
    "def f(a):\n    if a:\n        x = 1\n        return g(x, a)",
    "def f(a):\n    pass",
]


def test_digest_is_blind_to_layout_and_comments(function):
    """
    Digests differ exactly when something else than layout differs.
    """
    same = {function(source).digest for source in SAME}
    others = {function(source).digest for source in OTHER}

    assert len(same) == 1
    assert len(others - same) == len(OTHER)


def test_digest_tells_what_stands_under_a_condition(function):
    """
    Indentation counts where it changes what runs.
    """
    inner = function("def f():\n  if a:\n    b\n    c").digest
    outer = function("def f():\n  if a:\n    b\n  c").digest

    assert inner != outer


def test_digest_keeps_signs_in_strings(function):
    """
    What looks like a comment in a string is none.
    """
    assert function("def f(): x = '#a'").digest != function("def f(): x = '#b'").digest


def test_body_of_docstring_alone_has_no_digest(function):
    """
    There is nothing to digest in a docstring.
    """
    assert function("def f():\n  '''Text.'''").digest == ""
