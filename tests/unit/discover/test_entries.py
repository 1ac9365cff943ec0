"""Declared entry points: reading their text, judging their names and values."""

import pytest

from hwcheck.discover.entries import Entry, judge, parse_sections
from hwcheck.model.plugin import Group, ProblemKind


def entry(group="vllm.platform_plugins", name="fake", value="fake:register"):
    return Entry(group=group, name=name, value=value)


def kinds(*entries):
    _, problems = judge(entries, distribution="fake", where="here")
    return [problem.kind for problem in problems]


def test_sections_are_read_as_the_standard_library_reads_them():
    """
    Comments and blanks are skipped, spaces around the equals sign dropped.
    """
    text = "# x\n[vllm.platform_plugins]\n\nfake = fake:register\n[other]\na=b\n"

    entries, faults = parse_sections(text)

    assert entries == (entry(), entry(group="other", name="a", value="b"))
    assert faults == ()


def test_lines_that_are_no_entries_are_named_and_hide_nothing():
    """
    A line without an equals sign, or before any group, is told with its number.
    """
    entries, faults = parse_sections("lost\n[vllm.platform_plugins]\nbroken\nfake = fake:register")

    assert entries == (entry(),)
    assert [fault.partition(" ")[2][:1] for fault in faults] == ["1", "3"]


@pytest.mark.parametrize(
    "value",
    [
        "fake",
        "fake:",
        ":register",
        "",
        "fa-ke:register",
        "fake:1st",
        "fake:class",
        "fake..x:y",
        "fake:a:b",
        "fake:a [x",
    ],
)
def test_value_that_cannot_be_loaded_is_a_bad_entry_point_and_is_kept(value):
    """
    What vLLM could not load is reported, and stays in the plugin to be tested.
    """
    points, problems = judge([entry(value=value)], distribution="fake", where="here")

    assert [point.value for point in points] == [value]
    assert [problem.kind for problem in problems] == [ProblemKind.BAD_ENTRY_POINT]


@pytest.mark.parametrize("value", ["fake:register", "fake.x : Y.register", "fake:register [a,b]"])
def test_value_that_can_be_loaded_is_no_problem(value):
    """
    Dotted names, spaces and extras are fine.
    """
    assert kinds(entry(value=value)) == []


@pytest.mark.parametrize("name", ["", "a,b"])
def test_name_that_vllm_plugins_cannot_select_is_a_bad_entry_point(name):
    """
    VLLM_PLUGINS is split at commas.
    """
    assert kinds(entry(name=name)) == [ProblemKind.BAD_ENTRY_POINT]


def test_name_of_a_built_in_platform_is_a_duplicate_in_the_platform_group_only():
    """
    vLLM's own platforms have names; general plugins may use the same.
    """
    general = entry(group="vllm.general_plugins", name="cuda")

    assert kinds(entry(name="cuda"), general) == [ProblemKind.DUPLICATE_NAME]


def test_name_declared_twice_keeps_the_last():
    """
    vLLM keeps the last of two entry points of one name, and so does the plugin.
    """
    points, problems = judge(
        [entry(), entry(value="fake:other")], distribution="fake", where="here"
    )

    assert [point.value for point in points] == ["fake:other"]
    assert [problem.kind for problem in problems] == [ProblemKind.DUPLICATE_NAME]


def test_group_that_no_vllm_reads_is_reported_once():
    """
    A misspelt group of vLLM's is a problem; groups of others and vLLM's other groups are not.
    """
    wrong = [entry(group="vllm.plugins", name=name) for name in "ab"]
    others = [entry(group="vllm.stat_logger_plugins"), entry(group="console_scripts")]

    points, problems = judge([*wrong, *others], distribution="fake", where="here")

    assert points == ()
    assert [problem.kind for problem in problems] == [ProblemKind.UNKNOWN_GROUP]


def test_point_knows_its_group():
    """
    The group of a kept entry point is one of the two.
    """
    points, _ = judge([entry()], distribution="fake", where="here")

    assert points[0].group is Group.PLATFORM
