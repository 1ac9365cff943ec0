"""Verdicts on signatures are those of real calls."""

import inspect

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hwcheck.hosts.members import CallForm
from hwcheck.model.observation import Parameter
from hwcheck_conformance.call_forms import _CONSTRUCTIONS, constructor_fault, signature_fault

NAMES = ("alpha", "beta", "gamma", "delta", "epsilon")


@st.composite
def signatures(draw):
    """Draw the source of a parameter list that Python accepts."""
    names = list(draw(st.permutations(NAMES)))
    counts = [draw(st.integers(0, 2)) for _ in range(3)]
    only, plain, keyword = (
        [names.pop() for _ in range(min(count, len(names)))] for count in counts
    )
    positional = [*only, *plain]
    first_default = draw(st.integers(0, len(positional)))
    words = [
        name if place < first_default else f"{name}=0" for place, name in enumerate(positional)
    ]
    if only:
        words.insert(len(only), "/")
    has_rest = draw(st.booleans())
    if has_rest or keyword:
        words.append("*rest" if has_rest else "*")
    words += [name if draw(st.booleans()) else f"{name}=0" for name in keyword]
    if draw(st.booleans()):
        words.append("**more")
    return ", ".join(words)


forms = st.builds(
    CallForm,
    positional=st.integers(0, 5),
    keywords=st.lists(st.sampled_from([*NAMES, "zeta"]), unique=True, max_size=3).map(tuple),
)


def function_of(source):
    scope = {}
    exec(f"def function({source}): pass", scope)
    return scope["function"]


def parameters_of(source):
    return tuple(
        Parameter(name=item.name, kind=item.kind.name, has_default=item.default is not item.empty)
        for item in inspect.signature(function_of(source)).parameters.values()
    )


def accepts(source, form):
    try:
        function_of(source)(*[None] * form.positional, **dict.fromkeys(form.keywords))
    except TypeError:
        return False
    return True


@given(signatures(), forms)
def test_signature_verdict_equals_a_real_call(source, form):
    """
    A form fits exactly when Python accepts the call.
    """
    fault = signature_fault(parameters_of(source), None, [form])

    assert (fault is None) is accepts(source, form)


@given(signatures(), signatures(), st.lists(forms, max_size=3))
def test_form_that_the_host_itself_refuses_is_no_form(source, base, calls):
    """
    Only calls that the host's own method accepts are asked of a plugin.
    """
    fault = signature_fault(parameters_of(source), parameters_of(base), calls)

    asked = [form for form in calls if accepts(base, form)]
    if asked:
        assert (fault is None) is all(accepts(source, form) for form in asked)


@given(signatures())
def test_signature_like_the_hosts_fits(source):
    """
    Whoever copies the host's parameters is never at fault.
    """
    assert signature_fault(parameters_of(source), parameters_of(source), []) is None


@given(signatures(), signatures(), st.sampled_from(sorted(_CONSTRUCTIONS)))
def test_constructor_verdict_equals_a_real_call(source, base, case):
    """
    A class can be constructed exactly when Python accepts vLLM's call of it.
    """
    form = _CONSTRUCTIONS[case]

    fault = constructor_fault(case, parameters_of(source), None)
    beside_base = constructor_fault(case, parameters_of(source), parameters_of(base))

    assert (fault is None) is accepts(source, form)
    assert (beside_base is None) is (accepts(source, form) or not accepts(base, form))


@pytest.mark.parametrize(
    ("case", "own"), [("get_pass_manager_cls", None), ("get_unknown_cls", parameters_of("alpha"))]
)
def test_constructor_of_which_nothing_is_known_is_not_charged(case, own):
    """
    An inherited constructor and an unknown case give no verdict.
    """
    assert constructor_fault(case, own, None) is None


def test_fault_shows_call_and_signature():
    """
    The reason names the arguments as the host does, and the plugin's own parameters.
    """
    fault = signature_fault(
        parameters_of("alpha"),
        parameters_of("device, *, beta=0"),
        [CallForm(positional=1, keywords=("beta",))],
    )

    assert fault == (
        "vLLM calls it with (device, beta=): got an unexpected keyword argument 'beta'; "
        "it takes (alpha)"
    )


def test_fault_without_host_counts_arguments():
    """
    Where the host's own names are not known, arguments are numbered.
    """
    fault = signature_fault(parameters_of("alpha=0"), None, [CallForm(positional=2)])

    assert fault is not None
    assert "(argument 1, argument 2)" in fault
    assert fault.endswith("it takes (alpha=...)")


def test_host_method_that_takes_anything_says_nothing_of_its_calls():
    """
    Without a known call, what a plugin's method takes instead is its own matter.
    """
    assert signature_fault(parameters_of("alpha"), parameters_of("*args, **kwargs"), []) is None
