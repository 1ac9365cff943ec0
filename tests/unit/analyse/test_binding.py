"""Binding of calls, held against Python's own."""

import inspect

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hwcheck.analyse.binding import Bound, Shape, Signature, bind, shape_of
from hwcheck.analyse.entities import FunctionEntity, Side
from hwcheck.model.facts import CallSite, Function, Module, Parameter, ParameterKind
from hwcheck.model.use import Argument, Call

NAMES = ("a", "b", "c", "d")

_KINDS = {
    inspect.Parameter.POSITIONAL_ONLY: ParameterKind.POSITIONAL,
    inspect.Parameter.POSITIONAL_OR_KEYWORD: ParameterKind.EITHER,
    inspect.Parameter.VAR_POSITIONAL: ParameterKind.VARIADIC,
    inspect.Parameter.KEYWORD_ONLY: ParameterKind.KEYWORD,
    inspect.Parameter.VAR_KEYWORD: ParameterKind.KEYWORDS,
}


@st.composite
def python_signatures(draw: st.DrawFn) -> inspect.Signature:
    """Signatures that Python accepts."""
    kinds = sorted(draw(st.lists(st.sampled_from(list(_KINDS)), max_size=4)))
    parameters: list[inspect.Parameter] = []
    has_default = False
    for name, kind in zip(NAMES, kinds, strict=False):
        default = inspect.Parameter.empty
        if kind in {kind.VAR_POSITIONAL, kind.VAR_KEYWORD}:
            if any(item.kind == kind for item in parameters):
                continue
        elif kind == kind.KEYWORD_ONLY:
            default = 0 if draw(st.booleans()) else default
        else:
            has_default = has_default or draw(st.booleans())
            default = 0 if has_default else default
        parameters.append(inspect.Parameter(name, kind, default=default))
    return inspect.Signature(parameters)


def signature(*parameters: Parameter, extra: frozenset[str] = frozenset()) -> Signature:
    """Make a signature of a function."""
    function = FunctionEntity(Module("m", "m.py"), Function("f"), Side.HOST)
    return Signature(parameters, "m.f", function, extra)


def as_facts(found: inspect.Signature) -> Signature:
    """Say the same as facts do."""
    return signature(
        *(
            Parameter(item.name, _KINDS[item.kind], item.default is item.empty)
            for item in found.parameters.values()
        )
    )


@given(
    python_signatures(),
    st.integers(min_value=0, max_value=5),
    st.lists(st.sampled_from([*NAMES, "e"]), unique=True, max_size=4),
)
def test_bind_accepts_what_python_accepts(
    python: inspect.Signature, positional: int, keywords: list[str]
) -> None:
    """
    A call without stars fits exactly when Python takes it.

    A real function is called: Python 3.11's ``Signature.bind`` refuses ``a`` for ``(a=0, /, **b)``.
    """
    function = eval(f"lambda {str(python)[1:-1]}: None")
    try:
        function(*range(positional), **dict.fromkeys(keywords, 0))
        is_bound = True
    except TypeError:
        is_bound = False

    found = bind(as_facts(python), Shape(positional, tuple(keywords)))

    assert found.fits == is_bound


def test_bind_with_stars_misses_nothing_that_they_may_bring() -> None:
    """
    What ``*`` and ``**`` may bring is not missing; a keyword-only one comes by ``**`` alone.
    """
    taken = signature(Parameter("a"), Parameter("b", ParameterKind.KEYWORD))

    starred = bind(taken, Shape(is_starred=True))
    double = bind(taken, Shape(is_double_starred=True))

    assert starred == Bound(missing=("b",))
    assert double == Bound()


def test_bind_tells_where_positional_arguments_land() -> None:
    """
    Each positional argument has the name of its parameter, and the rest that of the star.
    """
    taken = signature(Parameter("a"), Parameter("more", ParameterKind.VARIADIC))

    found = bind(taken, Shape(3))

    assert found.positions == ("a", "*more", "*more")


def test_bind_takes_launch_keywords_besides_parameters() -> None:
    """
    Keywords that only the launch of a kernel takes are expected.
    """
    taken = signature(Parameter("a"), extra=frozenset({"num_warps"}))

    found = bind(taken, Shape(1, ("num_warps", "other")))

    assert found.unexpected == ("other",)


@pytest.mark.parametrize(
    "call",
    [
        CallSite("f", positional=1, keywords=("k",), is_starred=True),
        Call("f", 1, arguments=(Argument(), Argument("k")), is_starred=True),
    ],
    ids=["host", "plugin"],
)
def test_shape_is_the_same_for_both_sides(call: Call | CallSite) -> None:
    """
    Calls of the host and of the plugin have the same shape for the same arguments.
    """
    assert shape_of(call) == Shape(1, ("k",), is_starred=True)
