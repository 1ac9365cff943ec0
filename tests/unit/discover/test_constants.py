"""Values of expressions, without running anything."""

import ast

import pytest

from hwcheck.discover.constants import Constants, NotConstantError


def evaluate(expression, source=""):
    constants = Constants((ast.parse(source),))
    return constants.evaluate(ast.parse(expression, mode="eval").body)


@pytest.mark.parametrize(
    ("expression", "value"),
    [
        ("'a'", "a"),
        ("1", 1),
        ("None", None),
        ("'a' + 'b'", "ab"),
        ("f'{1}{name!s}'", "1x"),
        ("'%s-%d%%' % ('a', 2)", "a-2%"),
        ("'{}{}'.format('a', 'b')", "ab"),
        ("'{1}{0}{x}{{}}'.format('a', 'b', x=name)", "bax{}"),
        ("' a '.strip()", "a"),
        ("','.join(['a', name])", "a,x"),
        ("other", "x"),
        ("annotated", "y"),
    ],
)
def test_what_is_the_same_on_every_run_is_computed(expression, value):
    """
    Literals, names that are bound once, and the plain ways to put text together.
    """
    assert evaluate(expression, "name = 'x'\nother = name\nannotated: str = 'y'") == value


@pytest.mark.parametrize(
    "expression",
    [
        "call()",
        "unknown",
        "1 + 2",
        "'a' * 3",
        "b'a'",
        "f'{name:>9}'",
        "f'{name!r}'",
        "'%s' % ()",
        "'%9s' % 'x'",
        "'%' % 'x'",
        "'{0.real}'.format(1)",
        "'{x}'.format()",
        "'{'.format()",
        "'a'.upper()",
        "','.join(name)",
        "'a'.strip('b')",
        "twice",
        "branch",
        "imported",
        "unpacked",
        "grown",
        "defined",
        "itself",
        "removed",
        "reassigned",
    ],
)
def test_what_could_differ_is_not_computed(expression):
    """
    Calls, formats with widths, and names that are bound in more ways than one.
    """
    source = """
import imported
name = 'x'
twice = 'a'
twice = 'b'
if name:
    branch = 'a'
(unpacked, other) = ('a', 'b')
grown = 'a'
grown += 'b'
def defined():
    global reassigned
itself = itself
removed = 'a'
del removed
reassigned = 'a'
"""
    with pytest.raises(NotConstantError):
        evaluate(expression, source)


def test_large_text_is_not_computed():
    """
    Text and steps have an end.
    """
    large = "a" * 600_000
    doubled = "\n".join(f"a{i + 1} = a{i} + a{i}" for i in range(20))

    with pytest.raises(NotConstantError):
        evaluate("x + x", f"x = '{large}'")
    with pytest.raises(NotConstantError):
        evaluate("a20", f"a0 = 'x'\n{doubled}")
