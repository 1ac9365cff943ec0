"""Reporters that fail."""

from dataclasses import dataclass

import pytest

from hwcheck.errors import ReportError
from hwcheck.report.builtin import JsonReporter
from hwcheck.report.rendering import render


@dataclass(frozen=True)
class Answering:
    """A reporter that answers what it was made with."""

    answer: object
    name: str = "odd"
    suffix: str = "odd"

    def render(self, run):
        """Raise the answer when it is an exception."""
        if isinstance(self.answer, Exception):
            raise self.answer
        return self.answer


def test_reporter_that_raises_is_named(make):
    """
    A stranger's reporter that fails is a message, not a traceback.
    """
    with pytest.raises(ReportError, match="reporter 'odd' failed: KeyError: 'x'\n  choose"):
        render(Answering(KeyError("x")), make.run())


def test_reporter_that_returns_no_text_is_named(make):
    """
    A report is text.
    """
    with pytest.raises(ReportError, match="reporter 'odd' returned 'bytes'"):
        render(Answering(b""), make.run())


def test_reporter_that_works_gives_its_text(make):
    """
    What the reporter made is handed on.
    """
    assert render(JsonReporter(), make.run()).startswith('{\n  "schema"')
