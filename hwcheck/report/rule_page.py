"""The pages of static rules: for a terminal, for Markdown, and all of them as a reference."""

import ast
import re
from collections.abc import Iterable, Iterator
from textwrap import wrap

from hwcheck.model.rule import RulePage
from hwcheck.report.escaping import visible

__all__ = ["rule_markdown", "rule_page", "rule_reference"]

_FAMILIES = {
    "HW1": "Names that the plugin takes from vLLM",
    "HW2": "Calls of the plugin into vLLM",
    "HW3": "What vLLM calls in the plugin",
    "HW4": "Patches onto vLLM",
    "HW5": "Names in strings: class paths, entry points, registries, environment variables",
    "HW9": "The check itself",
}
_WIDTH = 96
_END = re.compile(r"(?<=[.?]) (?=[A-Z`])")
_OTHER = "Rules of extensions"


def rule_page(page: RulePage) -> str:
    """Render the page of a rule as plain text."""
    lines = [page.id, f"  {visible(page.title)}", "", f"  severity: up to {page.severity}"]
    for text in filter(None, (page.explanation, page.remedy)):
        lines += ["", *(f"  {part}" for line in _lines(text) for part in wrap(line, _WIDTH))]
    for name, code in (("bad", page.bad), ("good", page.good)):
        if code:
            lines += ["", f"  {name}:", *(f"    {line}" for line in _lines(code))]
    return "\n".join(line.rstrip() for line in lines) + "\n"


def rule_markdown(page: RulePage) -> str:
    """Render what a rule explains and demands as Markdown, without a heading."""
    return "\n".join(_body(page)).strip()


def rule_reference(pages: Iterable[RulePage]) -> str:
    """Render the reference of all rules as a Markdown document, by family and id."""
    lines = [
        "# Rules",
        "",
        "The rules of `hwcheck check`; their ids are permanent.",
        "`hwcheck explain --reference` writes this page.",
    ]
    family = ""
    for page in sorted(pages, key=lambda item: item.id):
        title = _FAMILIES.get(page.id[:3], _OTHER)
        if title != family:
            lines += ["", f"## {title}"]
        family = title
        lines += ["", f"### {page.id}: {page.title}", "", f"Severity: up to {page.severity}.", ""]
        lines += _body(page)
    return "\n".join(lines).rstrip() + "\n"


def _body(page: RulePage) -> Iterator[str]:
    paragraphs = ["\n".join(_sentences(text)) for text in (page.explanation, page.remedy)]
    yield "\n\n".join(filter(None, paragraphs))
    for name, code in (("Bad", page.bad), ("Good", page.good)):
        if code:
            yield from ("", f"{name}:", "", f"```{_language(code)}", *_lines(code), "```")


def _language(code: str) -> str:
    """What a sample is highlighted as; that of a file which cannot be read is no Python."""
    try:
        ast.parse(code)
    except SyntaxError:
        return "text"
    return "python"


def _sentences(text: str) -> list[str]:
    # One sentence a line, as in every document: a change of one is a change of one line.
    return [part for line in _lines(text) for part in _END.split(line)]


def _lines(text: str) -> list[str]:
    return [visible(line) for line in text.strip("\n").rstrip().splitlines()]
