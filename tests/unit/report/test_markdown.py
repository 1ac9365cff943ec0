"""Escaping for Markdown."""

import pytest

from hwcheck.model.effect import Effect, EffectKind
from hwcheck.model.patch import Patch, PatchKind
from hwcheck.report.markdown import code, code_cell, fenced, render, words


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("supports_lora", "supports_lora"),
        ("__init__", "\\_\\_init\\_\\_"),
        ("a|b", "a\\|b"),
        ("`x`", "\\`x\\`"),
        ("<b>&", "&lt;b&gt;&amp;"),
        ("one\ntwo", "one<br>two"),
        ("[a](b)", "\\[a\\](b)"),
        ("\x1b[31m", "\\\\x1b\\[31m"),
    ],
)
def test_words_escape_markup(text, expected):
    """
    Text stays text in a line and in a table cell.
    """
    assert words(text) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [("a", "`a`"), ("a`b", "``a`b``"), ("`", "`` ` ``"), ("", "`  `"), ("a\nb", "`a\\nb`")],
)
def test_code_is_fenced_by_more_backticks_than_it_holds(text, expected):
    """
    No text can end its own code span.
    """
    assert code(text) == expected


def test_code_in_table_cell_escapes_bars():
    """
    A bar in code does not end the cell.
    """
    assert code_cell("a|b") == "`a\\|b`"


def test_fenced_block_outlasts_fences_in_it():
    """
    Output that holds a fence does not end the block.
    """
    assert fenced("```\n\x1b[31mred\x1b[0m") == "````text\n```\nred\n````"


def test_stubbed_outcomes_are_marked(make):
    """
    The head names what was replaced, and each breach says that it was found so.
    """
    text = render(make.run(stubbed=("acme_rt",), outcomes=(make.broken(stubbed=True),)))

    assert "stand-ins took the place of acme_rt: " in text.split("##")[0]
    assert "(stubbed) in `entry-point-callable`" in text


def test_patches_and_effects_are_tables(make):
    """
    Hostile names stay inside their cells.
    """
    patch = Patch(
        target="vllm.a|b", kind=PatchKind.VALUE, before=None, after="<b>", step="activate"
    )
    effect = Effect(
        kind=EffectKind.LOGGING, subject="root", detail="a | b", harm="messages are dropped"
    )

    text = render(make.run(patches=(patch,), effects=(effect,)))

    assert "| `vllm.a\\|b` | new: &lt;b&gt; |  |" in text
    assert "| logging | `root` | a \\| b: messages are dropped |  |" in text
