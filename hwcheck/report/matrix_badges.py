"""Makes badges, as SVG and for shields.io to draw: of each plugin and of each of its cells."""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from unicodedata import east_asian_width

from jinja2 import Environment, PackageLoader, StrictUndefined, Template

from hwcheck.codec import encode
from hwcheck.model.matrix import Matrix, MatrixPlugin, MatrixRun
from hwcheck.model.matrix_static import StaticCell, StaticState
from hwcheck.model.run import Verdict
from hwcheck.report.escaping import visible, xml_text
from hwcheck.report.matrix_file import MatrixFile
from hwcheck.report.matrix_file_names import file_name
from hwcheck.report.matrix_words import CHECKS

__all__ = ["Badge", "badge_path", "make_badges"]

#: Characters of a label or message that a badge has room for.
_LONGEST = 60
_WORDS = {word.id: word for word in CHECKS}
#: The tones by the names that shields.io has, and their values, dark enough for white text.
_COLOURS = {
    "good": ("brightgreen", "#2a7a3f"),
    "fair": ("yellow", "#8a6100"),
    "bad": ("red", "#b3261e"),
    "unsure": ("lightgrey", "#5f6673"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Badge:
    """What a badge says."""

    label: str
    message: str
    tone: str


@dataclass(frozen=True, slots=True, kw_only=True)
class _Endpoint:
    """The form that shields.io reads; the names are its own."""

    schemaVersion: int
    label: str
    message: str
    color: str


def badge_path(plugin: str, version: str | None = None, host: str | None = None) -> str:
    """Name the file of a badge, without its ending: of a plugin, or of one of its cells."""
    parts = [file_name(part) for part in (plugin, version, host) if part is not None]
    return "/".join(("badges", *parts))


def make_badges(matrix: Matrix) -> Iterator[MatrixFile]:
    """Make the badges of each plugin, and of each release of it on each host."""
    form = _template()
    runs: dict[tuple[str, str, str], list[MatrixRun]] = defaultdict(list)
    for run in matrix.runs:
        runs[run.plugin, run.version, run.host].append(run)
    for plugin in matrix.plugins:
        yield from _files(form, badge_path(plugin.name), _plugin_badge(plugin, matrix))
    for cell in matrix.checks:
        path = badge_path(cell.plugin, cell.version, cell.host)
        badge = _cell_badge(cell, runs[cell.plugin, cell.version, cell.host])
        yield from _files(form, path, badge)


def _plugin_badge(plugin: MatrixPlugin, matrix: Matrix) -> Badge:
    """The releases of vLLM that the newest release of a plugin fits."""
    window = plugin.releases[-1].window if plugin.releases else None
    if window is None:
        states = {
            cell.state
            for cell in matrix.checks
            if plugin.releases
            and (cell.plugin, cell.version) == (plugin.name, plugin.releases[-1].version)
        }
        if not states or states == {StaticState.UNREADABLE}:
            return Badge(label="vLLM", message="not known", tone="unsure")
        return Badge(label="vLLM", message="fits no known release", tone="bad")
    newest = matrix.hosts[-1].version if matrix.hosts else None
    fits = window.first if window.first == window.last else f"{window.first} to {window.last}"
    return Badge(
        label="vLLM", message=f"fits {fits}", tone="good" if window.last == newest else "fair"
    )


def _cell_badge(cell: StaticCell, runs: Sequence[MatrixRun]) -> Badge:
    word = _WORDS[cell.state]
    told, tone = word.word, word.tone
    if word.counts:
        told = f"{word.word}, {cell.errors} error{'' if cell.errors == 1 else 's'}"
    # Stand-ins prove nothing of what a profile asks for, and stale evidence no longer does.
    results = [
        result
        for run in runs
        if not (run.superseded or run.is_stubbed or run.stale)
        for result in run.profiles
    ]
    broken = sorted({result.profile for result in results if result.verdict is Verdict.BROKEN})
    kept = sorted({result.profile for result in results if result.verdict is Verdict.KEPT})
    kept = [profile for profile in kept if profile not in broken]
    if kept:
        told += f", {' '.join(kept)} kept"
    if broken:
        told += f", {' '.join(broken)} broken"
        tone = "bad"
    return Badge(label=f"vLLM {cell.host}", message=told, tone=tone)


def _files(form: Template, path: str, badge: Badge) -> Iterator[MatrixFile]:
    label, message = (_short(text) for text in (badge.label, badge.message))
    name, colour = _COLOURS[badge.tone]
    endpoint = _Endpoint(schemaVersion=1, label=label, message=message, color=name)
    yield MatrixFile(path=f"{path}.json", text=encode(endpoint).decode())
    yield MatrixFile(
        path=f"{path}.svg",
        text=form.render(
            label=label,
            message=message,
            colour=colour,
            left=_width(label),
            right=_width(message),
        ),
    )


def _template() -> Template:
    environment = Environment(
        loader=PackageLoader("hwcheck.report"),
        autoescape=True,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
        undefined=StrictUndefined,
    )
    return environment.get_template("badge.svg.j2")


def _short(text: str) -> str:
    shown = xml_text(visible(text))
    return shown if len(shown) <= _LONGEST else f"{shown[: _LONGEST - 1]}…"


def _width(text: str) -> int:
    """About how wide text is; the SVG asks for exactly this width, whatever font is found."""
    return round(sum(11.5 if east_asian_width(each) in "WF" else 6.6 for each in text))
