"""Renders a check for people at a terminal."""

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from rich.console import Console, Group, RenderableType
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from hwcheck.model.check import BaselineKind, Check, WindowLine
from hwcheck.model.finding import Location, Severity
from hwcheck.model.run import Run
from hwcheck.report import check_summary as summary
from hwcheck.report.causes import Cause, Fact, Place, Site, causes, places, tree_path
from hwcheck.report.escaping import LINE_LIMIT, ascii_text, visible
from hwcheck.report.plain_text import plain_text
from hwcheck.report.shapes import ASCII, UNICODE, Shapes, shapes_for
from hwcheck.report.window_rows import WindowRow, window_rows

__all__ = ["print_check", "render"]

_STYLES = {Severity.ERROR: "red", Severity.WARNING: "yellow", Severity.NOTE: "cyan"}
_TITLES = {
    Severity.ERROR: "Breaks",
    Severity.WARNING: "Breaks if it is reached or relied on",
    Severity.NOTE: "Worth a look",
}
_MARKS = {
    BaselineKind.ASKED: "--from",
    BaselineKind.DECLARED: "declared",
    BaselineKind.FEWEST: "fewest findings",
    BaselineKind.NONE: "",
}
#: Rules that need no overview.
_FEW_RULES = 2
#: Characters of the name of a release.
_NAME_LIMIT = 60
#: Characters of a list of places.
_PLACES_LIMIT = 4000


def render(run: Run, *, ascii_only: bool = False) -> str:
    """Render a check as plain text, 100 columns wide."""
    return plain_text(_sections(run, ASCII if ascii_only else UNICODE))


def print_check(run: Run, console: Console) -> None:
    """Print a check with the colour, width and encoding of a console."""
    for part in _sections(run, shapes_for(console.encoding)):
        console.print(part, highlight=False)


def _sections(run: Run, shapes: Shapes) -> Iterator[RenderableType]:
    check = summary.check_of(run)
    draw = _Draw(check, shapes)
    yield draw.line(summary.verdict(run), "bold")
    if not check.is_complete:
        yield draw.line(summary.partial_words(check), "bold yellow")
    yield draw.line(summary.baseline_sentence(check), "dim")
    yield draw.line(summary.looked_at(check), "dim")
    yield from draw.by_rule()
    if check.window:
        yield from draw.window()
    yield from draw.breakage()
    if check.selection.standing and check.standing:
        yield from draw.standing()
    yield from draw.skipped()
    yield from draw.problems(run)
    yield from draw.close()


@dataclass(frozen=True, slots=True)
class _Draw:
    """Draws the parts of the report with one set of shapes."""

    check: Check
    shapes: Shapes

    def window(self) -> Iterator[RenderableType]:
        yield from ("", self.line("Releases", "bold underline"))
        rows = window_rows(self.check.window)
        names = [visible(self.release(row), _NAME_LIMIT) for row in rows]
        width = max(map(len, names))
        for row, name in zip(rows, names, strict=True):
            style, shape = (
                ("green", self.shapes.passed) if row.fits else ("red", self.shapes.broken)
            )
            line = self.line(name.ljust(width))
            line.append_text(
                self.line(f"  {shape} {'fits' if row.fits else 'does not fit'}", style)
            )
            yield line.append_text(self.line(f"  {row.counts}", "dim"))
            for reason in row.reasons:
                yield Padding(self.line(reason, "dim"), (0, 0, 0, 4))
        following = self.next_step()
        if following:
            yield from ("", self.line(f"each place: --host {following.host}", "dim"))

    def release(self, row: WindowRow) -> str:
        baseline = self.check.baseline
        return f"{row.name} ({_MARKS[baseline.kind]})" if baseline.host in row.hosts else row.name

    def next_step(self) -> WindowLine | None:
        """The release to look at next: the first after a fitting one, else the newest."""
        fitting = [number for number, line in enumerate(self.check.window) if line.fits]
        after = self.check.window[fitting[-1] + 1 :] if fitting else self.check.window[-1:]
        return after[0] if after else None

    def by_rule(self) -> Iterator[RenderableType]:
        rules = Counter(item.rule for item in summary.listed(self.check.findings, self.check))
        if len(rules) > _FEW_RULES:
            told = ", ".join(f"{number} {rule}" for rule, number in rules.most_common())
            yield self.line(f"by rule: {told}", "dim")

    def breakage(self) -> Iterator[RenderableType]:
        listed = summary.listed(self.check.findings, self.check)
        found = causes(summary.of_code(listed, self.check), self.check)
        for severity in Severity:
            group = [cause for cause in found if cause.severity is severity]
            if group:
                title = f"{_TITLES[severity]} ({len(group)})"
                yield from ("", self.line(title, f"bold underline {_STYLES[severity]}"))
            for number, cause in enumerate(group):
                yield from ([""] if number else [])
                yield self.cause(cause)

    def standing(self) -> Iterator[RenderableType]:
        title = f"Also on vLLM {self.check.baseline.host}, not counted ({len(self.check.standing)})"
        yield from ("", self.line(title, "bold underline"))
        for cause in causes(self.check.standing, self.check):
            yield self.head(cause)
            grid = _grid()
            for change in cause.changes:
                self.add_sites(grid, change.sites, cause)
            yield Padding(grid, (0, 0, 0, 2))

    def cause(self, cause: Cause) -> RenderableType:
        grid = _grid()
        self.add_facts(grid, cause.facts)
        for change in cause.changes:
            self.add_facts(grid, change.facts)
            self.add_sites(grid, change.sites, cause)
            self.add_fix(grid, change.facts)
        self.add_fix(grid, cause.facts)
        title = "" if cause.page is None else f" {cause.page.title}"
        return Group(
            self.head(cause),
            Padding(self.line(f"{cause.rule}{title}", "dim"), (0, 0, 0, 2)),
            Padding(grid, (0, 0, 0, 2)),
        )

    def head(self, cause: Cause) -> RenderableType:
        shape = self.shapes.broken if cause.severity is Severity.ERROR else self.shapes.unknown
        text = self.line(f"{shape} {cause.symbol}", f"bold {_STYLES[cause.severity]}")
        told = [f"since {cause.since}"] if cause.since else []
        told += [f"{cause.places} places"] if cause.places > 1 else []
        if told:
            text.append_text(self.line(f"  {', '.join(told)}", "dim"))
        return text

    def add_facts(self, grid: Table, facts: Iterable[Fact]) -> None:
        for fact in facts:
            # The head tells since when, and what to do comes last.
            if fact.name not in ("since", "fix"):
                grid.add_row(fact.name, self.sited(fact.text, fact.where))

    def add_fix(self, grid: Table, facts: Iterable[Fact]) -> None:
        for fact in facts:
            if fact.name == "fix":
                grid.add_row("fix", self.line(fact.text, "green"))

    def add_sites(self, grid: Table, sites: Iterable[Site], cause: Cause) -> None:
        for site in sites:
            found = places(site.findings, self.check, cause.severity)
            if len(found) == 1:
                text = self.place(found[0]).append("  ").append_text(self.line(site.plugin_side))
                grid.add_row("plugin", text)
                continue
            grid.add_row("plugin", self.line(site.plugin_side))
            for place in found:
                grid.add_row("", self.place(place))

    def place(self, place: Place) -> Text:
        told = f" ({place.told})" if place.told else ""
        return self.line(f"{place.path}:{place.lines}{told}", "bold", _PLACES_LIMIT)

    def sited(self, text: str, where: Location | None) -> Text:
        shown = self.line(text)
        if where is not None:
            gap = "  " if text else ""
            shown.append_text(self.line(f"{gap}{where.path}:{where.line}", "dim" if text else ""))
        return shown

    def skipped(self) -> Iterator[RenderableType]:
        if not self.check.skipped:
            return
        yield from ("", self.line("Not read", "bold underline yellow"))
        for item in self.check.skipped:
            path = tree_path(self.check, item.path)
            text = f"{self.shapes.unknown} {path}: {item.kind}: {item.detail}"
            yield self.line(text, "yellow")

    def problems(self, run: Run) -> Iterator[RenderableType]:
        if run.problems:
            yield from ("", self.line("Metadata", "bold underline yellow"))
        for problem in run.problems:
            head = f"{self.shapes.unknown} {problem.kind}: {problem.subject}: {problem.detail}"
            yield self.line(head, "yellow")
            yield Padding(self.line(f"next: {problem.remedy}"), (0, 0, 0, 2))

    def close(self) -> Iterator[RenderableType]:
        code, meaning = summary.exit_code(self.check), summary.exit_meaning(self.check)
        yield ""
        for text in (*summary.left_out(self.check), *summary.hints(self.check)):
            yield self.line(text, "dim")
        yield self.line(f"exit {code}: {meaning}", "bold red" if code else "bold green")

    def line(self, text: str, style: str = "", limit: int = LINE_LIMIT) -> Text:
        return self.joined([visible(text, limit)], style)

    def joined(self, lines: list[str], style: str) -> Text:
        # `Text` holds the text as it is: square brackets and emoji names are no markup in it.
        text = "\n".join(lines)
        return Text(ascii_text(text) if self.shapes is ASCII else text, style, overflow="fold")


def _grid() -> Table:
    grid = Table.grid(padding=(0, 2))
    grid.add_column(no_wrap=True, style="dim", min_width=9)
    grid.add_column(overflow="fold")
    return grid
