"""Whether a call of vLLM's fits what a plugin's class defines."""

import pytest

from hwcheck.exercise.call_binding import called_fault, constructed_fault, only_refuses
from hwcheck.hosts.members import CallForm


class Worker:
    """Methods of every kind."""

    def __init__(self, vllm_config: object, rank: int = 0) -> None:
        self.rank = rank

    def step(self, output: object) -> None:
        """Take one argument."""

    def anything(self, *args: object, **kwargs: object) -> None:
        """Take all."""

    @classmethod
    def of_class(cls, value: object) -> None:
        """Take one argument."""

    @staticmethod
    def of_nothing(value: object) -> None:
        """Take one argument."""

    @property
    def tasks(self) -> tuple[str, ...]:
        """No method at all."""
        return ()

    def refuse(self) -> None:
        """Say no."""
        raise NotImplementedError

    def refuse_in_words(self) -> None:
        raise NotImplementedError("not here")

    def refuse_sometimes(self, flag: bool = False) -> None:
        """Say no to one case."""
        if flag:
            raise NotImplementedError
        self.rank = 1


def form(positional: int = 0, *keywords: str) -> CallForm:
    """A call."""
    return CallForm(positional=positional, keywords=keywords)


@pytest.mark.parametrize("name", ["step", "anything", "of_class", "of_nothing"])
def test_called_fault_with_a_fitting_call(name):
    """
    A method of any kind takes the call without the bound first parameter.
    """
    assert called_fault(Worker, name, form(1)) is None


@pytest.mark.parametrize("name", ["step", "of_class", "of_nothing"])
def test_called_fault_with_too_many_arguments_shows_both_sides(name):
    """
    A call that does not fit is told with the signature.
    """
    fault = called_fault(Worker, name, form(2))

    assert fault is not None
    assert "argument 1, argument 2" in fault
    assert "too many positional arguments" in fault


def test_called_fault_of_a_property_says_what_it_is():
    """
    What vLLM calls and cannot be called is named.
    """
    assert called_fault(Worker, "tasks", form()) == "vLLM calls it, and it is a property"


@pytest.mark.parametrize(
    ("call", "fits"), [(form(1), True), (form(0, "vllm_config", "rank"), True), (form(0), False)]
)
def test_constructed_fault(call, fits):
    """
    A constructor takes what vLLM gives it, or the fault is told.
    """
    assert (constructed_fault(Worker, call) is None) is fits


@pytest.mark.parametrize(
    ("name", "refuses"),
    [("refuse", True), ("refuse_in_words", True), ("refuse_sometimes", False), ("step", False)],
)
def test_only_refuses(name, refuses):
    """
    A method whose body is one raise of NotImplementedError does nothing else.
    """
    assert only_refuses(Worker, name) is refuses


def test_only_refuses_without_a_source_says_no():
    """
    Nothing is said about what cannot be read.
    """
    assert only_refuses(int, "bit_length") is False
