"""Asking suites for their contracts."""

import os
from dataclasses import dataclass

import pytest

from hwcheck.errors import RunError
from hwcheck.run.builtin import hwcheck_suites
from hwcheck.run.contracts import contracts_of


@dataclass
class Suite:
    name: str
    package: str


def test_contracts_are_sorted_by_profile_and_id(environment):
    """
    Those of all suites come in one order.
    """
    found = contracts_of([Suite("tiny", "tiny_suite")], environment)

    assert [item.id for item in found] == ["tiny.crash", "tiny.pass", "tiny.skip", "tiny.fail"]


def test_built_in_suite_tells_its_contracts():
    """
    The suite that comes with hwcheck is registered and has contracts.
    """
    assert contracts_of(hwcheck_suites(), os.environ)


@pytest.mark.parametrize(
    ("code", "phrase"),
    [("import nothing_of_that_name", "nothing_of_that_name"), ("ALL = (1,)", "suite 'tiny'")],
)
def test_suite_that_cannot_tell_is_named(environment, site, code, phrase):
    """
    The last line of what went wrong is in the message.
    """
    (site / "tiny_suite" / "contracts.py").write_text(code)

    with pytest.raises(RunError, match=phrase):
        contracts_of([Suite("tiny", "tiny_suite")], environment)


def test_suite_that_is_not_there_is_named(environment):
    """
    A package that cannot be imported is the suite's fault.
    """
    with pytest.raises(RunError, match="suite 'gone' cannot tell its contracts"):
        contracts_of([Suite("gone", "gone_suite")], environment)
