"""Tests of sources that cannot be read, and of those that look as if."""

import pytest

from hwcheck.extract.parse import parse


@pytest.mark.parametrize(
    "source",
    ["a = 1\0", "(" * 400 + ")" * 400, "-" * 6000 + "1", "x" + ".a" * 30000, "x = (", "x='\ud800'"],
    ids=["null", "parentheses", "signs", "attributes", "open", "surrogate"],
)
def test_unreadable_source_raises_syntax_error(source):
    """
    Whatever the interpreter refuses, for whatever reason, is a syntax error.
    """
    with pytest.raises(SyntaxError):
        parse(source)


@pytest.mark.parametrize(
    "error", [RecursionError(), MemoryError(), ValueError("x"), OverflowError("x")]
)
def test_other_failures_of_the_parser_become_syntax_errors(monkeypatch, error):
    """
    Failures that depend on the interpreter's version are syntax errors too.
    """

    def fail(*_):
        raise error

    monkeypatch.setattr("ast.parse", fail)

    with pytest.raises(SyntaxError):
        parse("x")


def test_invalid_escape_gives_no_warning():
    """
    Warnings about somebody else's strings are kept back.
    """
    assert parse("x = '\\d'").body
