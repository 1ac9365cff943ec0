"""Comments that take findings out, and those that take out nothing."""

from hwcheck.analyse.ignores import Ignores
from hwcheck.model.finding import Finding, Location, Severity
from hwcheck.model.use import Suppression

IDS = ("HW101", "HW102", "HW201", "HW902")

TEXT = """\
from vllm.gone import (
    One,
    Two,
)  # a comment may stand here
@decorator
def outer(
    a,
):
    call(
        a,
    )
    other()
"""


def finding(line, rule="HW102"):
    return Finding(
        rule=rule,
        severity=Severity.ERROR,
        where=Location(path="acme/a.py", line=line),
        symbol=f"vllm.{line}",
        plugin_side="imports it",
        host_side="has it not",
    )


def ignores(*comments, text=TEXT):
    return Ignores({"acme/a.py": comments, "acme/b.py": ()}, lambda path: text)


def unused(made, taken=(), *, judged=lambda rule: True):
    return [
        (item.where.line, item.symbol, item.host_side)
        for item in made.unused(taken, judged=judged, ids=IDS)
    ]


def test_comment_takes_out_findings_of_its_line_and_ids():
    """
    An id, the beginning of one or no id at all can be given.
    """
    for ids in (("HW102",), ("HW1",), (), ("HW201", "HW102")):
        kept, taken = ignores(Suppression(2, ids)).divide([finding(2), finding(12)])

        assert kept == (finding(12),)
        assert taken == (finding(2),)


def test_comment_on_any_line_of_the_statement_counts():
    """
    The comment may stand on the first or the last line of the statement.
    """
    for line in (1, 4):
        assert ignores(Suppression(line, ())).divide([finding(2)])[0] == ()


def test_comment_on_the_head_of_a_function_is_not_for_its_body():
    """
    Of a compound statement only the head is covered, its decorators with it.
    """
    made = ignores(Suppression(6, ()))

    kept, taken = made.divide([finding(5), finding(7), finding(10), finding(12)])

    assert [item.where.line for item in kept] == [10, 12]
    assert [item.where.line for item in taken] == [5, 7]


def test_comment_in_text_that_does_not_parse_covers_its_own_line():
    """
    Without syntax there are no statements, only lines.
    """
    made = ignores(Suppression(2, ()), text="def (")

    assert made.divide([finding(1), finding(2)]) == ((finding(1),), (finding(2),))


def test_id_that_takes_out_nothing_is_reported():
    """
    Each id is reported by itself, and one that no rule has is told apart.
    """
    made = ignores(Suppression(2, ("HW102", "HW201")), Suppression(12, ()), Suppression(9, ("X1",)))

    found = unused(made, [finding(2)])

    assert found == [
        (2, "HW201", "nothing is found in this statement"),
        (12, "", "nothing is found in this statement"),
        (9, "X1", "there is no such rule"),
    ]


def test_id_of_a_rule_that_was_not_asked_for_is_not_judged():
    """
    With --select, the comments for the other rules may well be needed.
    """
    made = ignores(Suppression(2, ("HW201",)))

    assert unused(made, judged=lambda rule: rule == "HW101") == []
