"""The catalogue of rules."""

from hwcheck.analyse.builtin import hwcheck_rules
from hwcheck.analyse.rules.catalogue import BUILT_IN_RULES


def test_rules_are_sorted_by_unique_ids():
    """
    Ids are permanent, and no two rules have the same.
    """
    ids = [rule.id for rule in BUILT_IN_RULES]

    assert ids == sorted(set(ids))


def test_built_in_rules_register_as_those_of_extensions():
    """
    The hook gives the whole catalogue.
    """
    assert tuple(hwcheck_rules()) == BUILT_IN_RULES


def test_every_rule_tells_its_page():
    """
    No page has an empty part.
    """
    parts = [
        (rule.title, rule.explanation, rule.remedy, rule.bad, rule.good) for rule in BUILT_IN_RULES
    ]

    assert all(all(part) for part in parts)
