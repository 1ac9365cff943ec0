"""Which contracts are run: by profile, by group, by id."""

import pytest

from hwcheck.model.contract import Contract, Profile
from hwcheck.observe.conditions import OPERATORS, PAIRS, Conditions
from hwcheck.pytest_plugin.selection import is_wanted, refuse_unknown


def contract(id_="load.call", profile=Profile.P0, group=""):
    return Contract(id=id_, profile=profile, title="t", relied_on_by="r", remedy="m", group=group)


OPERATOR = contract("operator.value", Profile.P1, OPERATORS)
PAIR = contract("pairs.combined", Profile.P4, PAIRS)


@pytest.mark.parametrize(
    ("what", "conditions", "wanted"),
    [
        (contract(), Conditions(), True),
        (contract(), Conditions(profiles=(Profile.P1,)), False),
        (contract(), Conditions(contracts=("load.*",)), True),
        (contract(), Conditions(contracts=("attention.*", "load.call")), True),
        (contract(), Conditions(contracts=("load.calls",)), False),
        (OPERATOR, Conditions(), False),
        (OPERATOR, Conditions(groups=(OPERATORS,)), True),
        (OPERATOR, Conditions(contracts=("operator.value",)), True),
        (OPERATOR, Conditions(groups=(OPERATORS,), profiles=(Profile.P0,)), False),
        (PAIR, Conditions(profiles=(Profile.P4,)), False),
        (PAIR, Conditions(groups=(PAIRS,), profiles=(Profile.P2,)), True),
        (PAIR, Conditions(groups=(PAIRS,), contracts=("family.*",)), True),
    ],
    ids=[
        *("all", "other-profile", "pattern", "id", "other-id"),
        *("group", "group-asked-for", "group-by-id", "group-of-other-profile"),
        *("pairs-unasked", "pairs-of-other-profile", "pairs-of-named-contracts"),
    ],
)
def test_contract_is_wanted(what, conditions, wanted):
    """
    An optional group has to be asked for, by itself or by a contract of it.
    """
    assert is_wanted(what, conditions) is wanted


@pytest.mark.parametrize(
    ("pattern", "hint"), [("load.cal", "nearest: load.call"), ("zzz*", "all ids: hwcheck explain")]
)
def test_pattern_without_a_contract_is_wrong_usage(pattern, hint):
    """
    A run of nothing would look like one in which nothing is wrong.
    """
    with pytest.raises(pytest.UsageError, match=f"no contract is called .*\n  {hint}"):
        refuse_unknown([contract()], [pattern])


def test_known_patterns_are_accepted():
    """
    One that selects something may stand beside any other.
    """
    refuse_unknown([contract(), OPERATOR], ["load.*", "operator.value"])
