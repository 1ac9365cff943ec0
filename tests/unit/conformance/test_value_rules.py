"""Each rule of the members table, both ways."""

import pytest

from hwcheck.hosts.members import members_of
from hwcheck.model.observation import ValueSeen
from hwcheck_conformance.value_rules import _RULES, value_fault

ENUM = "vllm.platforms.interface.PlatformEnum"
CAPABILITY = "vllm.platforms.interface.DeviceCapability"
LIST = ("builtins.list", "builtins.object")


def seen(type="object", **fields):
    return ValueSeen(**{"name": "member", "type": type, "text": "shown", "truth": True} | fields)


NONE = seen("NoneType")

HOLDS = [
    ("any", NONE),
    ("bool", seen("bool")),
    ("bool", seen("int", number=1)),
    ("bool", NONE),
    ("str", seen("str", string="")),
    ("non-empty str", seen("str", string="cpu")),
    ("int > 0", seen("int", number=1)),
    ("int > 0 or None", NONE),
    ("int > 0 or None", seen("int", number=1)),
    ("None", NONE),
    ("dict", seen("OrderedDict", type_bases=("builtins.dict",))),
    ("list[str]", seen("list", type_bases=LIST)),
    ("list[str]", seen("list", type_bases=LIST, items=("a",), item_types=("str",))),
    (
        "list[torch.dtype], non-empty",
        seen("list", type_bases=LIST, items=("torch.half",), item_types=("dtype",)),
    ),
    ("torch.dtype", seen("dtype", type_bases=("torch.dtype",))),
    ("PlatformEnum", seen("PlatformEnum", type_bases=(ENUM,))),
    ("DeviceCapability or None", NONE),
    ("DeviceCapability or None", seen("DeviceCapability", type_bases=(CAPABILITY,))),
]
FAULTS = [
    ("bool", seen("str", string="False")),
    ("bool", seen("coroutine")),
    ("str", NONE),
    ("non-empty str", seen("str", string="")),
    ("int > 0", seen("int", number=0)),
    ("int > 0", NONE),
    ("int > 0 or None", seen("int", number=-1)),
    ("None", seen("str", string="")),
    ("dict", seen("list", type_bases=LIST)),
    ("list[str]", seen("tuple", type_bases=("builtins.tuple",), items=("a",), item_types=("str",))),
    ("list[str]", seen("list", type_bases=LIST, items=("1",), item_types=("int",))),
    ("list[torch.dtype], non-empty", seen("list", type_bases=LIST, items=())),
    (
        "list[torch.dtype], non-empty",
        seen("list", type_bases=LIST, items=("half",), item_types=("str",)),
    ),
    ("torch.dtype", seen("str", string="torch.half")),
    ("PlatformEnum", seen("str", string="OOT")),
    ("DeviceCapability or None", seen("tuple", type_bases=("builtins.tuple",))),
]


@pytest.mark.parametrize(("rule", "value"), HOLDS)
def test_value_that_vllm_can_work_with_has_no_fault(rule, value):
    """
    The rule holds.
    """
    assert value_fault(value, rule) is None


@pytest.mark.parametrize(("rule", "value"), FAULTS)
def test_value_that_vllm_cannot_work_with_is_told(rule, value):
    """
    The fault shows the value, its type and the rule.
    """
    assert value_fault(value, rule) == f"is shown of type {value.type}; it must be {rule}"


def test_every_rule_is_tried_both_ways():
    """
    A rule that nothing breaks says nothing, but for the one that says so.
    """
    assert {rule for rule, _ in HOLDS} == set(_RULES)
    assert {rule for rule, _ in FAULTS} == set(_RULES) - {"any"}


def test_every_rule_of_the_table_is_known():
    """
    The members table uses no rule that the suite does not know.
    """
    rules = {member.returns for member in members_of("999")}

    assert {rule for rule in rules if not rule.startswith("class path")} <= set(_RULES)


def test_unknown_rule_is_hwchecks_own_fault():
    """
    A misspelt rule is never charged to a plugin.
    """
    with pytest.raises(ValueError, match="'boolean'"):
        value_fault(NONE, "boolean")
