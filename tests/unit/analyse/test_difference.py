"""Findings divided into new and standing ones."""

from hwcheck.analyse.difference import subtract
from hwcheck.model.finding import Finding, Location, Severity


def finding(symbol, *, severity=Severity.ERROR, line=1, detail="", subject=""):
    return Finding(
        rule="HW102",
        severity=severity,
        where=Location(path="acme/a.py", line=line),
        symbol=symbol,
        subject=subject,
        detail=detail,
        plugin_side="imports it",
        host_side="has it not",
    )


def test_finding_of_the_baseline_is_standing_and_no_error():
    """
    What was already so is never an error, wherever its line moved.
    """
    note = finding("vllm.c", severity=Severity.NOTE)

    divided = subtract(
        [finding("vllm.a"), finding("vllm.b"), note], [finding("vllm.b", line=9), note]
    )

    assert divided.new == (finding("vllm.a"),)
    assert divided.standing == (finding("vllm.b", severity=Severity.WARNING), note)


def test_new_problem_of_a_call_does_not_hide_behind_an_old_one():
    """
    Two problems of one call differ in their detail, so the second is new.
    """
    divided = subtract([finding("vllm.f", detail="b")], [finding("vllm.f", detail="a")])

    assert divided.new == (finding("vllm.f", detail="b"),)


def test_standing_problem_of_a_class_that_moved_is_not_new():
    """
    The same parameter of the same override fails; that vLLM moved its class changes nothing.
    """
    before = finding("vllm.a.C.f", detail="b", subject="acme.a.X.f")
    moved = finding("vllm.new.C.f", detail="b", subject="acme.a.X.f")
    other = finding("vllm.new.D.f", detail="b", subject="acme.a.X.f")

    divided = subtract([moved, other], [before])

    assert [item.symbol for item in divided.new] == ["vllm.new.D.f"]
    assert [item.symbol for item in divided.standing] == ["vllm.new.C.f"]


def test_name_that_is_gone_from_another_module_is_new():
    """
    Without a detail the finding is about the name itself, wherever it is looked for.
    """
    before = finding("vllm.a.C", subject="acme.a")
    after = finding("vllm.b.C", subject="acme.a")

    assert subtract([after], [before]).new == (after,)
