"""Tests of values that do not want to be looked at."""

import pytest

from hwcheck.probe.values import read_value, value_seen


class Raises:
    def __bool__(self):
        raise ValueError("ambiguous")

    def __repr__(self):
        raise SystemExit(1)

    def __len__(self):
        raise ValueError

    def __iter__(self):
        raise ValueError


class Text(str):
    def __str__(self):
        raise ValueError

    def __len__(self):
        raise ValueError

    def __bool__(self):
        raise KeyboardInterrupt


class BrokenList(list):
    def __iter__(self):
        raise ValueError


class Number(int):
    def __int__(self):
        raise ValueError


def test_object_that_raises_at_everything():
    """
    It is described by its type, and claims nothing.
    """
    seen = value_seen("x", Raises())

    assert (seen.type, seen.truth, seen.items) == ("Raises", False, None)
    assert "SystemExit" in seen.text


def test_string_of_a_hostile_class_is_an_exact_string():
    """
    Nothing of the subclass leaves the process.
    """
    seen = value_seen("x", Text("abc"))

    assert (type(seen.string), seen.string, seen.text) == (str, "abc", "abc")


def test_container_that_cannot_be_gone_through_has_no_items():
    """
    A list whose iteration raises is no container.
    """
    assert value_seen("x", BrokenList([1])).items is None


def test_items_that_raise_are_named():
    """
    One item without text keeps none of the others.
    """
    seen = value_seen("x", ["a", Raises()])

    assert seen.items[0] == "a"
    assert seen.item_types == ("str", "Raises")


@pytest.mark.parametrize(
    ("value", "items"),
    [
        ({"a": 1}, ("a",)),
        ({"b", "a"}, ("a", "b")),
        (frozenset({1}), ("1",)),
        ((2, 1), ("2", "1")),
        (5, None),
        (None, None),
    ],
)
def test_items(value, items):
    """
    Containers tell their items, mappings their keys, sets in an order that is always the same.
    """
    assert value_seen("x", value).items == items


def test_long_values_are_cut():
    """
    Neither a long text nor a long list is passed on whole.
    """
    text, many = value_seen("x", "y" * 10**6), value_seen("x", range(10**6))
    listed = value_seen("x", list(range(1000)))

    assert len(text.text) < 300
    assert many.items is None
    assert len(listed.items) == 200


@pytest.mark.parametrize(
    ("value", "number"),
    [(3, 3), (True, None), (Number(4), 4), (10**30, None), ("3", None)],
)
def test_number(value, number):
    """
    Numbers are told as far as the reply's reader can hold them.
    """
    assert value_seen("x", value).number == number


def test_number_that_python_refuses_to_write():
    """
    An integer of five thousand digits is described without its digits.
    """
    seen = value_seen("x", 10**5000)

    assert (seen.type, seen.number) == ("int", None)


def test_member_that_only_getattr_answers_is_missing():
    """
    What vLLM would get from ``Platform.__getattr__`` is not defined.
    """

    class Platform:
        def __getattr__(self, name):
            return None

    assert read_value(Platform(), "absent", call=False).type == "missing"


def test_member_of_the_instance_is_there():
    """
    An attribute that the constructor sets counts.
    """

    class Platform:
        def __init__(self):
            self.found = 1

    assert read_value(Platform(), "found", call=False).number == 1


def test_member_without_a_dictionary_is_missing():
    """
    A platform with slots, and nothing in them, is looked at like any other.
    """

    class Platform:
        __slots__ = ()

        def __getattr__(self, name):
            return None

    assert read_value(Platform(), "absent", call=False).type == "missing"


def test_member_is_called_where_that_is_asked():
    """
    The answer is the value.
    """

    class Platform:
        @classmethod
        def name(cls):
            return "cpu"

    assert read_value(Platform(), "name", call=True).string == "cpu"


def test_array_like_truth():
    """
    A value that is neither true nor false is described, and claims nothing.
    """

    class Array:
        def __bool__(self):
            raise ValueError("the truth value of an array is ambiguous")

        def __repr__(self):
            return "array([1, 2])"

    seen = value_seen("x", Array())

    assert (seen.truth, seen.text) == (False, "array([1, 2])")
