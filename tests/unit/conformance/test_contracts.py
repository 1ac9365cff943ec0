"""The contracts say who relies on them, and what to do."""

import re

import pytest

from hwcheck_conformance.contracts import ALL

WORDS = "[a-z0-9]+(-[a-z0-9]+)*"


def test_ids_are_unique():
    """
    An id names one contract.
    """
    assert len({item.id for item in ALL}) == len(ALL)


@pytest.mark.parametrize("contract", ALL, ids=lambda item: item.id)
def test_contract_is_told_in_full(contract):
    """
    Title, user and remedy are one line each.
    """
    assert re.fullmatch(rf"(family\.)?{WORDS}\.{WORDS}", contract.id)
    for text in (contract.title, contract.relied_on_by, contract.remedy):
        assert text.strip() == text != ""
        assert "\n" not in text
