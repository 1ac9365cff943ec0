"""Findings by cause: order, places, and what is told once."""

import pytest

from hwcheck.model.finding import Reach, Severity
from hwcheck.report.causes import causes, places


def test_findings_of_one_rule_and_symbol_are_one_cause(make):
    """
    The same change of the host is told once, with all its places.
    """
    findings = (make.gone("a.py", 1, other_lines=(5,)), make.gone("b.py", 2))

    (cause,) = causes(findings, make.check())

    assert cause.places == 3
    assert cause.page.id == "HW101"
    assert cause.since == "0.27.0"


def test_severe_causes_come_first_then_those_with_many_places(make):
    """
    What matters most is read first.
    """
    findings = (
        make.finding(symbol="note", severity=Severity.NOTE),
        make.finding(symbol="once"),
        make.finding(symbol="twice"),
        make.finding(symbol="twice", path="b.py"),
    )

    found = causes(findings, make.check())

    assert [cause.symbol for cause in found] == ["twice", "once", "note"]


def test_cause_with_different_answers_of_the_host_has_several_changes(make):
    """
    What the host says is told once for all findings of which it says the same.
    """
    findings = (
        make.finding(since="0.27.0"),
        make.finding(path="b.py", since="0.28.0", plugin_side="other"),
        make.finding(path="c.py", since="0.27.0"),
    )

    (cause,) = causes(findings, make.check())

    assert cause.since == "0.27.0, 0.28.0"
    assert [fact.name for fact in cause.facts] == ["before", "now", "relied on", "fix"]
    assert [len(change.sites[0].findings) for change in cause.changes] == [2, 1]


def test_lines_of_one_file_are_together_and_what_is_unusual_is_told(make):
    """
    Severity and reach are told where they are not those of the cause.
    """
    findings = (
        make.finding(line=9, other_lines=(3,)),
        make.finding(line=5),
        make.finding(line=7, severity=Severity.WARNING, reach=Reach.UNREACHED),
    )

    found = places(findings, make.check(root="sub"), Severity.ERROR)

    assert [(item.path, item.lines, item.told) for item in found] == [
        ("sub/acme/scheduler.py", "3, 5, 9", ""),
        ("sub/acme/scheduler.py", "7", "warning: no entry point leads here"),
    ]


@pytest.mark.parametrize(
    ("symbol", "text", "short"),
    [
        ("vllm.a.B.run", "vllm.a.B.run(self, x)", "B.run(self, x)"),
        ("vllm.a._B", "neither vllm.a._B nor x.vllm.a._B", "neither _B nor x.vllm.a._B"),
        ("vllm.a.B", "class vllm.a.b.B", "class vllm.a.b.B"),
        ("vllm.a.run", "vllm.a.run(x)", "run(x)"),
        ("vllm.a.gone", "there is no module vllm.a.gone", "there is no module vllm.a.gone"),
        ("VLLM_X", "VLLM_X is unknown", "VLLM_X is unknown"),
        ("", "said", "said"),
    ],
)
def test_module_of_the_symbol_is_told_once(make, symbol, text, short):
    """
    The head has the whole name; below it the name without its module is enough.
    """
    (cause,) = causes([make.finding(symbol=symbol, host_side=text, host_before=None)], make.check())

    assert cause.facts[0].text == short
