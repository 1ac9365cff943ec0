"""Renders a run as GitHub-flavoured Markdown."""

import re
from html import escape

from jinja2 import Environment, PackageLoader, StrictUndefined, Template

from hwcheck.model.outcome import OutcomeState
from hwcheck.model.run import Run
from hwcheck.report import summary
from hwcheck.report.engines import engine_lines
from hwcheck.report.escaping import visible, visible_lines, without_colour
from hwcheck.report.pairs import pair_lines
from hwcheck.report.shapes import UNICODE

__all__ = ["code", "code_cell", "fenced", "fenced_whole", "html", "render", "template", "words"]

_TAIL_LINES = 20
#: An underscore inside a word is no markup; leaving it alone keeps names readable.
_SPECIAL = re.compile(r"([\\`*\[\]|~]|(?<![^\W_])_|_(?![^\W_]))")

_MENTION = re.compile(r"@(?=\w)")


def render(run: Run) -> str:
    """Render a run from the template."""
    return template("run.md.j2").render(
        run=run,
        sentence=summary.verdict_sentence(run),
        resumed=summary.resumed_sentence(run),
        stubbed=summary.stub_sentence(run),
        host=summary.host_name(run),
        shapes=UNICODE,
        failures=(
            ("Broken", summary.breaches(run)),
            ("Flaky", summary.breaches(run, OutcomeState.FLAKY)),
        ),
        further=[
            name
            for name in ("waived", "flaky")
            if any(getattr(result, name) for result in run.profiles)
        ],
        waiver_faults=summary.waiver_faults(run),
        waivers=summary.waivers_in_force(run),
        waived=run.in_state(OutcomeState.WAIVED),
        areas=summary.areas(run),
        silent=summary.silent(run),
        faults=summary.unmeasured(run, OutcomeState.HARNESS_ERROR),
        unmeasured=summary.unmeasured(run, OutcomeState.NOT_MEASURED),
        counts=summary.counts(run),
        exit_code=summary.exit_code(run),
        exit_meaning=summary.exit_meaning(run),
        tail_explains=summary.tail_explains,
        engines=engine_lines(run),
        pairs=() if run.pairs is None else tuple(pair_lines(run.pairs)),
        patch_sentence=summary.patch_sentence,
    )


def template(name: str) -> Template:
    """Load a template, with filters that escape for Markdown, each for its own place."""
    # Autoescape is for HTML, and would spoil what the filters make.
    environment = Environment(
        loader=PackageLoader("hwcheck.report"),
        autoescape=False,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
        undefined=StrictUndefined,
    )
    environment.filters |= {
        "figure": summary.figure,
        "words": words,
        "code": code,
        "code_cell": code_cell,
        "fenced": fenced,
        "fenced_whole": fenced_whole,
        "html": html,
    }
    return environment.get_template(name)


def words(text: str) -> str:
    """Escape text for a line or a table cell; line ends become breaks."""
    lines = (visible(line) for line in text.splitlines())
    return "<br>".join(_without_markup(line) for line in lines)


def code(text: str) -> str:
    """Show text as code in a line."""
    shown = visible(text)
    fence = "`" * (_longest_fence(shown) + 1)
    padding = " " if shown.startswith("`") or shown.endswith("`") or not shown.strip() else ""
    return f"{fence}{padding}{shown}{padding}{fence}"


def code_cell(text: str) -> str:
    """Show text as code in a table cell, which a bare bar would end even there."""
    return code(text).replace("|", "\\|")


def html(text: str) -> str:
    """Escape text for a line of HTML, in which Markdown has no say."""
    return escape(visible(text))


def fenced(text: str) -> str:
    """Show the end of an output as a block."""
    return fenced_whole("\n".join(visible_lines(without_colour(text), _TAIL_LINES)))


def fenced_whole(block: str) -> str:
    """Show lines that can be shown as a block."""
    fence = "`" * max(3, _longest_fence(block) + 1)
    return f"{fence}text\n{block}\n{fence}"


def _without_markup(text: str) -> str:
    escaped = _SPECIAL.sub(r"\\\1", text)
    escaped = escaped.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    # A decorator's name must not call the person of that name into the conversation.
    return _MENTION.sub("<span>@</span>", escaped)


def _longest_fence(text: str) -> int:
    return max((len(found) for found in re.findall("`+", text)), default=0)
