"""The search for the smallest example that shows a fault."""

import random
import sys
from types import SimpleNamespace

import pytest
from hypothesis import strategies as st

from hwcheck.exercise.counterexample import find_counterexample
from hwcheck.probe.attribution import Attribution


@pytest.fixture
def search():
    """
    Search among integers.
    """
    attribution = Attribution.of_plugin("vllm-acme-absent", ("acme",))

    def run(check, strategy=None, seed=0):
        numbers = st.integers(0, 10_000) if strategy is None else strategy
        return find_counterexample(check, numbers, examples=200, seed=seed, attribution=attribution)

    return run


def test_smallest_example_is_found(search):
    """
    What is told is the end of the shrinking, not the first hit.
    """
    found = search(lambda number: f"{number} is too large" if number >= 700 else None)

    assert (found.example, found.fault, found.text) == (700, "700 is too large", "700")
    assert (found.steady, found.in_plugin, found.place) == (True, True, None)


def test_nothing_is_found_where_nothing_is_wrong(search):
    """
    All examples are good.
    """
    assert search(lambda number: None) is None


@pytest.mark.parametrize("error", [RuntimeError("no"), SystemExit("no"), KeyboardInterrupt("no")])
def test_exception_is_a_fault(search, error):
    """
    Whatever the check raises is told, with the line, and that it is not the plugin's.
    """

    def check(number):
        if number > 3:
            raise error

    found = search(check)

    assert found.example == 4
    assert found.fault == f"raises {type(error).__name__}: no"
    assert found.place.function == "check"
    assert not found.in_plugin


def test_fault_that_does_not_come_back_is_told_as_such(search):
    """
    Reading memory that nobody wrote gives one answer now and another later.
    """
    calls = []

    def check(number):
        calls.append(number)
        return "wrong" if len(calls) == 5 else None

    found = search(check)

    assert found.fault == "wrong (not each time)"
    assert not found.steady


def test_same_seed_gives_the_same_examples(search):
    """
    Neither the time nor the state of `random` has a say.
    """
    seen = {}
    for name, state in (("first", 1), ("second", 2)):
        random.seed(state)
        seen[name] = []
        search(lambda number, name=name: seen[name].append(number), seed=5)
    other = []
    search(other.append, seed=6)

    assert seen["first"] == seen["second"]
    assert seen["first"] != other


def test_strategy_without_examples_is_our_own_fault(search):
    """
    It would pass without having tried anything.
    """
    with pytest.raises(ValueError, match="no example can be generated"):
        search(lambda number: None, st.integers().filter(lambda number: False))


def test_what_is_no_module_among_the_modules_does_no_harm(search, monkeypatch, tmp_path):
    """
    Plugins put objects of other kinds there, which nothing can be looked up by.
    """
    impostor = SimpleNamespace(__file__=str(tmp_path / "wrapped.py"))
    monkeypatch.setitem(sys.modules, "acme_wrapped", impostor)

    assert search(lambda number: None) is None


def test_absence_of_the_device_is_no_fault(search):
    """
    What torch raises without a device goes on, unless another example shows a fault.
    """
    absence = AssertionError("Torch not compiled with CUDA enabled")

    def check(number):
        if number < 5:
            raise absence
        return "wrong" if number > bound else None

    bound = 10_000
    with pytest.raises(AssertionError) as caught:
        search(check, st.integers(0, 9))
    bound = 7
    found = search(check, st.integers(0, 9))

    assert caught.value is absence
    assert found.fault == "wrong"
