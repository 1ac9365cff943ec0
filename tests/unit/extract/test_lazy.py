"""Tests of modules that answer names by ``__getattr__``."""

import pytest

from hwcheck.model.facts import BindingKind


@pytest.fixture
def lazy(host):
    def find(source):
        module, _ = host(source, module="vllm.pack", is_package=True)
        names = {
            (x.name, x.target, x.member) for x in module.bindings if x.kind is BindingKind.LAZY
        }
        return names, module.keys, module.is_dynamic

    return find


TABLE = """
def __getattr__(name):
    if name in TABLE:
        return getattr(import_module(TABLE[name]), name)
    raise AttributeError(name)
"""
RELATIVE = TABLE.replace("import_module(TABLE[name])", 'import_module(f".{TABLE[name]}", __name__)')


@pytest.mark.parametrize(
    ("source", "names"),
    [
        ('TABLE = {"A": ".m:B", "C": "vllm.x:D", "E": "vllm.y"}' + TABLE,
         {("A", "vllm.pack.m", "B"), ("C", "vllm.x", "D"), ("E", "vllm.y", "")}),
        ('TABLE: dict = {"A": "vllm.x", "B": ("vllm.y", "C")}' + TABLE,
         {("A", "vllm.x", "A"), ("B", "vllm.y", "C")}),
        ('TABLE = {"A": "m"}' + RELATIVE, {("A", "vllm.pack.m", "A")}),
        ('def __getattr__(n):\n if n == "A":\n  from .m import B\n  return B\n raise E',
         {("A", "vllm.pack.m", "B")}),
        ('def __getattr__(n):\n if n in ("A", "B"):\n  import vllm.m as m\n  return getattr(m, n)',
         {("A", "vllm.m", "A"), ("B", "vllm.m", "B")}),
        ('__all__ = ["A"]\ndef __getattr__(n):\n if n in __all__:\n  from . import m\n  return m.X',
         {("A", "vllm.pack.m", "X")}),
        ('T = ("A", "B")\ndef __getattr__(n):\n if n in T:\n  return make(n)\n raise E',
         {("A", "", ""), ("B", "", "")}),
        ('def __getattr__(n):\n if n == "A": return C\n if other: return 1\n if m == "B": return 2',
         {("A", "", "")}),
    ],
)  # fmt: skip
def test_lazy_names_are_bound(lazy, source, names):
    """
    Names that a table or a test of the name tells are bound to what they lead to.
    """
    assert lazy(source) == (names, (), False)


def test_keys_of_tables_of_functions_are_told(lazy):
    """
    A table that makes values gives its keys.
    """
    source = 'TABLE = {"X": lambda: 1, "Y": f, **more}' + TABLE

    assert lazy(source) == (set(), ("X", "Y"), False)


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("def __getattr__(name): return make(name)", True),
        ("def __getattr__(name): raise AttributeError(name)", False),
        ("def __getattr__(name):\n  if name not in globals(): raise E\n  return globals()[name]",
         False),
        ("def __getattr__(): return 1", False),
        ("def __getattr__(name):\n  if name > X: return 1", True),
        ("def __getattr__(name):\n  if name not in X: return 1", True),
        ("def __getattr__(name):\n  if name in X: return 1", True),
        ("def __getattr__(name):\n  globals()[name] = 1", False),
        ("import sys\nsys.modules[__name__] = Lazy()", True),
        ("globals().update(table)", True),
        ("globals()[name] = 1", True),
        ('globals().update({"a": 1}, b=2)', False),
    ],
)  # fmt: skip
def test_module_whose_names_cannot_be_told_is_dynamic(lazy, source, expected):
    """
    A module that can answer any name says so.
    """
    assert lazy(source)[2] is expected


@pytest.mark.parametrize(
    ("behind", "expected"),
    [
        (" import vllm.envs as envs\n try:\n  return getattr(envs, n)\n except E: raise", True),
        (" return old(n)", True),
        (" if n.startswith('_'): raise E\n return getattr(other, n)", True),
        (" try: return T[n]()\n except E:\n  return getattr(other, n)", True),
        (" raise E(n)", False),
        (" return T[n]()", False),
        (" if n not in T: raise E\n return getattr(import_module(T[n]), n)", False),
        (" m = T.get(n)\n if m is None: raise E\n return load(m, n)", False),
        (" m = T.get(n)\n return load(m, n)", False),
        (" return 1", False),
    ],
)
def test_module_that_asks_another_behind_its_table_is_dynamic(lazy, behind, expected):
    """
    A table is not all where the name is handed on to something else.
    """
    source = f'T = {{"X": f}}\ndef __getattr__(n):\n if n in T: return T[n]()\n{behind}'

    assert lazy(source)[1:] == (("X",), expected)


@pytest.mark.parametrize(
    ("rest", "expected"),
    [("raise E", False), ("return getattr(other, n)", True)],
)
def test_else_of_a_table_counts(lazy, rest, expected):
    """
    What stands in the ``else`` is asked for the other names.
    """
    source = (
        'T = {"X": f}\ndef __getattr__(n):\n if n in T:\n  return T[n]()\n'
        f" elif n in globals():\n  return globals()[n]\n else:\n  {rest}"
    )

    assert lazy(source)[2] is expected


def test_lazy_name_keeps_its_declared_annotation(host):
    """
    What is declared for type checkers tells what is answered.
    """
    module, _ = host(
        """
        if TYPE_CHECKING:
            current: Platform
        def __getattr__(name):
            if name == "current":
                return make()
        """
    )

    assert [x.annotation for x in module.bindings if x.kind is BindingKind.LAZY] == ["Platform"]
