"""The pages of rules."""

from hwcheck.report.rule_page import rule_markdown, rule_page, rule_reference


def test_page_tells_all_there_is(make):
    """
    Id, title, severity, explanation, remedy and both samples are on the page.
    """
    text = rule_page(make.page())

    for part in (
        "HW302",
        "up to error",
        "Add the parameter.",
        "bad:",
        "good:",
        "throttle_prefills",
    ):
        assert part in text


def test_page_of_a_rule_of_which_little_is_known_has_no_empty_parts(make):
    """
    What a rule does not say has no heading.
    """
    bare = make.page(explanation="", remedy="", bad="", good="")

    assert rule_page(bare) == (
        "HW302\n  override does not take what vLLM passes\n\n  severity: up to error\n"
    )
    assert rule_markdown(bare) == ""


def test_reference_has_a_chapter_for_each_family(make):
    """
    Rules stand under their family, by id; those of extensions at the end.
    """
    text = rule_reference([make.page("X1"), make.page("HW302"), make.page("HW101")])

    heads = [line for line in text.splitlines() if line.startswith("#")]
    assert heads == [
        "# Rules",
        "## Names that the plugin takes from vLLM",
        "### HW101: override does not take what vLLM passes",
        "## What vLLM calls in the plugin",
        "### HW302: override does not take what vLLM passes",
        "## Rules of extensions",
        "### X1: override does not take what vLLM passes",
    ]
