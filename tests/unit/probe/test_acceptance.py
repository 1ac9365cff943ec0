"""Tests of whether a replacement accepts what the original accepts."""

import functools

import pytest

from hwcheck.probe.acceptance import refused_call


def original(a, b, c=1, *, d=2):
    pass


def same(a, b, c=5, *, d=6, e=7):
    pass


def anything(*args, **kwargs):
    pass


def renamed(a, other, c=1, *, d=2):
    pass


def swapped(b, a, c=1, *, d=2):
    pass


def fewer(a, b):
    pass


def without_keyword(a, b, c=1):
    pass


def demanding(a, b, c=1, *, d=2, e):
    pass


def demanding_place(a, b, c=1, e=..., *, d=2):
    pass


@functools.wraps(original)
def disguised(a):
    pass


@pytest.mark.parametrize(
    ("replacement", "refused"),
    [
        (same, None),
        (anything, None),
        (demanding_place, None),
        (renamed, "'b' as a keyword"),
        (swapped, "'a' as argument 1, which it takes as argument 2"),
        (fewer, "'c' as argument 3"),
        (without_keyword, "'d' as a keyword"),
        (demanding, "a call without 'e'"),
        (disguised, "'b' as argument 2"),
        (max, None),
    ],
)
def test_functions(replacement, refused):
    """
    Positions, names and what is demanded count; what cannot be looked into is not accused.
    """
    assert refused_call(original, replacement, in_class=False) == refused


def test_variable_arguments_are_wanted_too():
    """
    An original that takes anything needs a replacement that does.
    """

    def one(*, key=1):
        pass

    assert refused_call(anything, original, in_class=False) == "any number of arguments"
    assert refused_call(lambda **keywords: 0, one, in_class=False) == "any keywords"


@pytest.mark.parametrize(
    ("before", "after", "refused"),
    [
        (classmethod(original), classmethod(same), None),
        (
            classmethod(original),
            same,
            "a call on the class: it is a plain method",
        ),
        (property(original), fewer, "what a property accepts: it is a method"),
        (property(original), property(fewer), None),
        (original, staticmethod(same), "'b' as argument 1, which it takes as argument 2"),
        (original, functools.partial(anything), None),
    ],
)
def test_members_of_a_class(before, after, refused):
    """
    The first parameter of what is bound is not counted.
    """
    assert refused_call(before, after, in_class=True) == refused
