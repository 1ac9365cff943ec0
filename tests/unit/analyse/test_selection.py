"""Selection of findings by prefixes of ids."""

import pytest

from hwcheck.analyse.selection import check_prefixes, is_selected
from hwcheck.errors import UsageError
from hwcheck.model.check import Selection

IDS = ("HW101", "HW102", "HW201")


@pytest.mark.parametrize(
    ("select", "ignore", "expected"),
    [
        ((), (), ["HW101", "HW102", "HW201"]),
        (("HW1",), (), ["HW101", "HW102"]),
        ((), ("HW1",), ["HW201"]),
        (("HW101",), ("HW1",), ["HW101"]),
        (("HW1",), ("HW101",), ["HW102"]),
        (("HW1",), ("HW1",), []),
    ],
)
def test_longer_prefix_decides(select, ignore, expected):
    """
    Without prefixes all rules count; of a selecting and an ignoring one the longer decides.
    """
    selection = Selection(select=select, ignore=ignore)

    assert expected == [id_ for id_ in IDS if is_selected(id_, selection)]


def test_known_prefixes_are_accepted():
    """
    A whole id and any beginning of one can be given.
    """
    check_prefixes(Selection(select=("HW", "HW101"), ignore=("HW2",)), IDS)


@pytest.mark.parametrize("prefix", ["HW103", ""])
def test_prefix_of_no_rule_is_refused(prefix):
    """
    A prefix that selects nothing is named with what is nearest.
    """
    with pytest.raises(UsageError, match=f"--ignore: no rule's id starts with '{prefix}'"):
        check_prefixes(Selection(ignore=(prefix,)), IDS)


def test_nearest_ids_are_named():
    """
    A slip of the keyboard is answered with the ids that were meant.
    """
    with pytest.raises(UsageError, match="nearest: HW201"):
        check_prefixes(Selection(select=("hw20l",)), IDS)
