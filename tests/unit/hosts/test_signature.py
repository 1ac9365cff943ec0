"""Signatures as text."""

import inspect

import pytest

from hwcheck.hosts.signature import write_signature
from hwcheck.model.facts import Form, Function, Parameter, ParameterKind

KINDS = {
    inspect.Parameter.POSITIONAL_ONLY: ParameterKind.POSITIONAL,
    inspect.Parameter.POSITIONAL_OR_KEYWORD: ParameterKind.EITHER,
    inspect.Parameter.VAR_POSITIONAL: ParameterKind.VARIADIC,
    inspect.Parameter.KEYWORD_ONLY: ParameterKind.KEYWORD,
    inspect.Parameter.VAR_KEYWORD: ParameterKind.KEYWORDS,
}


def function_like(model, **fields):
    return Function(
        "f",
        parameters=tuple(
            Parameter(item.name, KINDS[item.kind], item.default is inspect.Parameter.empty)
            for item in inspect.signature(model).parameters.values()
        ),
        **fields,
    )


@pytest.mark.parametrize(
    ("model", "expected"),
    [
        (lambda: 0, "()"),
        (lambda a, b=1: 0, "(a, b=...)"),
        (lambda a, /: 0, "(a, /)"),
        (lambda a, /, b: 0, "(a, /, b)"),
        (lambda *a, b: 0, "(*a, b)"),
        (lambda *, b, c=1, **d: 0, "(*, b, c=..., **d)"),
    ],
)
def test_signature_shows_each_kind_of_parameter(model, expected):
    """
    Parameters are written as Python writes them, defaults as dots.
    """
    assert write_signature(function_like(model)) == expected


def test_signature_shows_annotations_and_what_it_is():
    """
    Form, async and annotations are a part of it.
    """
    function = Function(
        "f",
        form=Form.CLASS_METHOD,
        is_async=True,
        parameters=(Parameter("a", annotation="int", is_required=False),),
        returns="str",
    )

    assert write_signature(function) == "classmethod async (a: int = ...) -> str"
