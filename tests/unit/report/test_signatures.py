"""
Tests for the shortening of signatures.
"""

import pytest

from hwcheck.report.signatures import elided

LONG = "f(a, b, c, d, e, f, g, h)"


@pytest.mark.parametrize(
    ("text", "other", "expected"),
    [
        ("f(a, b, c, d, e, f, g, new, h)", LONG, "f(…, g, new, h)"),
        (LONG, "f(a, b, c, d, e, f, g, new, h)", "f(…, f, g, h)"),
        ("f(new, a, b, c, d, e, f, g)", "f(a, b, c, d, e, f, g)", "f(new, a, …)"),
        ("f(a, b, d, c, e, f, g, h)", LONG, "f(…, b, d, c, e, …)"),
        ("f(a, new, c, d, e, f, g, last)", "f(a, c, d, e, f, g)", "f(a, new, c, …, g, last)"),
        ("f(a, b), called so", LONG, "f(a, b), called so"),
        ("f is not there", LONG, "f is not there"),
        (LONG, "class f", LONG),
    ],
)
def test_signature_is_shortened_to_what_differs(text, other, expected):
    """
    What differs is shown with its neighbours; short signatures and other texts stay whole.
    """
    assert elided(text, other) == expected


def test_words_after_a_signature_stay():
    """
    How it is called, and what it returns, is told behind the parameters.
    """
    text = "f(a, b, c, d, e, f, g, new), called with 'new' by position"

    assert elided(text, "f(a, b, c, d, e, f, g)") == "f(…, g, new), called with 'new' by position"
