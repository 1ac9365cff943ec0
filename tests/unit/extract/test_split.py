"""Tests of taking chains apart."""

import pytest

from hwcheck.extract import split_chain
from hwcheck.extract.split import root_of


@pytest.mark.parametrize(
    ("chain", "expected"),
    [
        ("a.b().c", ("a", ".b", "()", ".c")),
        ("kernel[]()", ("kernel", "[]", "()")),
        ("a()~.b[][]", ("a", "()", "~", ".b", "[]", "[]")),
        ("a", ("a",)),
        ("", ()),
    ],
)
def test_chain_is_split_into_root_and_steps(chain, expected):
    """
    The parts of a chain, put together, are the chain.
    """
    assert split_chain(chain) == expected
    assert "".join(expected) == chain
    assert root_of(chain) == (expected[0] if expected else "")
