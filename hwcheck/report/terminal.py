"""Renders a run for people at a terminal."""

from dataclasses import dataclass

from rich.console import Console, Group, RenderableType
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from hwcheck.model.capability import Rung, Standing
from hwcheck.model.outcome import Outcome, OutcomeState, Place
from hwcheck.model.run import Run, Verdict
from hwcheck.report import summary
from hwcheck.report.engines import engine_lines
from hwcheck.report.escaping import LINE_LIMIT, ascii_text, visible, visible_lines, without_colour
from hwcheck.report.pairs import pair_lines
from hwcheck.report.plain_text import plain_text
from hwcheck.report.shapes import ASCII, UNICODE, Shapes, shapes_for
from hwcheck.report.summary import Breach, Finding, Unmeasured

__all__ = ["print_run", "render"]

_NAME_WIDTH = 36
_TAIL_LINES = 12
_MOST_LISTED = 10
#: Characters of a list of ids.
_IDS_LIMIT = 2000
_VERDICT_STYLES = {
    Verdict.KEPT: "green",
    Verdict.BROKEN: "red",
    Verdict.PARTIAL: "yellow",
    Verdict.NOT_MEASURED: "yellow",
    Verdict.WAIVED: "yellow",
    Verdict.FLAKY: "red",
}
_RUNG_STYLES = ("dim", "", "cyan", "green", "green", "green")


def render(run: Run, *, ascii_only: bool = False) -> str:
    """Render a run as plain text, 100 columns wide."""
    return plain_text(_Sections(run, ASCII if ascii_only else UNICODE).all())


def print_run(run: Run, console: Console) -> None:
    """Print a run with the colour, width and encoding of a console."""
    for part in _Sections(run, shapes_for(console.encoding)).all():
        console.print(part, highlight=False)


@dataclass(frozen=True, slots=True)
class _Sections:
    """The parts of the report, in order, drawn with one set of shapes."""

    run: Run
    shapes: Shapes

    def all(self) -> list[RenderableType]:
        """All parts that have something in them."""
        parts = [
            self.head(),
            self.profiles(),
            self.capabilities(),
            self.failures("Broken", OutcomeState.BROKEN),
            self.failures("Flaky", OutcomeState.FLAKY),
            self.waiver_faults(),
            self.waived(),
            self.unmeasured(),
            self.engines(),
            self.pairs(),
            self.patches(),
            self.effects(),
            self.problems(),
            self.close(),
        ]
        return [part for part in parts if part is not None]

    def head(self) -> RenderableType:
        environment = self.run.environment
        measured_with = (
            f"Python {environment.python}",
            f"torch {environment.torch or 'not found'}",
            f"{environment.system} {environment.machine}",
            f"hwcheck {environment.hwcheck}",
        )
        lines = [
            self.line(summary.verdict_sentence(self.run), "bold"),
            self.line(", ".join(measured_with), "dim"),
        ]
        if (resumed := summary.resumed_sentence(self.run)) is not None:
            lines.append(self.line(resumed, "dim"))
        if (stubbed := summary.stub_sentence(self.run)) is not None:
            lines.append(self.line(stubbed, "yellow"))
        return Group(*lines)

    def profiles(self) -> RenderableType | None:
        if not self.run.profiles:
            return None
        columns = ["verdict", "passed", "broken", "not applicable", "not measured"]
        # Only where there are any: most runs have neither.
        further = [
            name
            for name in ("waived", "flaky")
            if any(getattr(result, name) for result in self.run.profiles)
        ]
        table = self.table("", *columns, *further)
        for result in self.run.profiles:
            style = _VERDICT_STYLES[result.verdict]
            shape = self.shapes.of_verdict(result.verdict)
            table.add_row(
                self.line(f"{result.profile} {result.profile.meaning}"),
                self.line(f"{shape} {result.verdict}", style),
                *map(str, (result.passed, result.broken, result.not_applicable)),
                str(result.not_measured + result.harness_errors),
                *(str(getattr(result, name)) for name in further),
            )
        return self.section("Profiles", [table])

    def capabilities(self) -> RenderableType | None:
        if not self.run.standings:
            return None
        parts: list[RenderableType] = []
        table = self.table("capability", "rung", "marks", "why")
        table.columns[0].max_width = _NAME_WIDTH
        for area in summary.areas(self.run):
            table.add_row(self.line(area.name, "bold"))
            for standing in area.standings:
                table.add_row(*self.standing(standing))
        if table.row_count:
            parts.append(table)
        for group in summary.silent(self.run):
            ids = ", ".join(standing.capability for standing in group.standings)
            head = f"{self.rung(Rung.E0)}, {', '.join(group.marks)} ({len(group.standings)})"
            parts.append(self.line(f"{head}: {ids}", "dim", _IDS_LIMIT))
        if len(parts) > 1 or not table.row_count:
            parts.append(self.line("why for each: --format markdown or json", "dim"))
        return self.section("Capabilities", parts)

    def standing(self, standing: Standing) -> tuple[RenderableType, ...]:
        return (
            Padding(self.line(standing.capability), (0, 0, 0, 2)),
            self.line(self.rung(standing.rung), _RUNG_STYLES[standing.rung]),
            self.line(", ".join(standing.marks)),
            self.line(standing.why),
        )

    def rung(self, rung: Rung) -> str:
        return f"{rung.name} {self.shapes.rungs[rung]} {rung.title}"

    def failures(self, title: str, state: OutcomeState) -> RenderableType | None:
        found = summary.breaches(self.run, state)
        if not found:
            return None
        parts: list[RenderableType] = []
        for breach in found:
            parts += [self.breach(breach), ""]
        return self.section(title, parts[:-1])

    def waiver_faults(self) -> RenderableType | None:
        faults = summary.waiver_faults(self.run)
        if not faults:
            return None
        parts: list[RenderableType] = []
        for use in faults:
            head = f"{self.shapes.broken} {use.standing}: {use.waiver.id}: {use.detail}"
            parts.append(self.line(head, "bold red"))
            parts.append(Padding(self.line(use.waiver.told), (0, 0, 0, 2)))
        return self.section("Waivers that are not right", parts)

    def waived(self) -> RenderableType | None:
        parts: list[RenderableType] = []
        for use in summary.waivers_in_force(self.run):
            parts.append(self.line(f"{self.shapes.unknown} {', '.join(use.covers)}", "yellow"))
            parts.append(Padding(self.line(use.waiver.told), (0, 0, 0, 2)))
            for reason in self.waived_reasons(use.covers):
                parts.append(Padding(self.line(f"found: {reason}"), (0, 0, 0, 2)))
        return self.section("Waived", parts) if parts else None

    def waived_reasons(self, covers: tuple[str, ...]) -> list[str]:
        """What was found in the outcomes of a waiver, each once."""
        found = (item for item in self.run.in_state(OutcomeState.WAIVED) if item.id in covers)
        return list(dict.fromkeys(item.reason or "no reason is known" for item in found))

    def breach(self, breach: Breach) -> RenderableType:
        contract, findings = breach.contract, breach.findings
        grid = Table.grid(padding=(0, 2))
        grid.add_column(no_wrap=True, style="dim")
        grid.add_column(overflow="fold")
        if contract is not None:
            grid.add_row("wanted", self.line(contract.title))
        for finding in findings:
            if len(findings) > 1:
                grid.add_row("case", self.line(self.cases(finding), "red", _IDS_LIMIT))
            self.add_finding(grid, finding.outcome)
        if contract is not None:
            grid.add_row("relied on by", self.line(contract.relied_on_by))
            grid.add_row("next", self.lines(contract.remedy))
        named = breach.id if len(findings) > 1 else self.cases(findings[0])
        profile = "" if contract is None else f"{contract.profile}  "
        head = self.line(f"{self.shapes.broken} {profile}{named}", "bold red", _IDS_LIMIT)
        return Group(head, Padding(grid, (0, 0, 0, 2)))

    def cases(self, finding: Finding) -> str:
        cause = finding.outcome.cause
        stubbed = "  (stubbed)" if finding.outcome.stubbed else ""
        return ", ".join(finding.ids) + ("" if cause is None else f"  ({cause})") + stubbed

    def add_finding(self, grid: Table, outcome: Outcome) -> None:
        grid.add_row("found", self.lines(outcome.reason or "no reason is known"))
        if outcome.example is not None:
            grid.add_row("example", self.lines(outcome.example))
        if outcome.reruns is not None:
            grid.add_row("reruns", outcome.reruns.told)
        if outcome.figures:
            grid.add_row("measured", self.line("; ".join(map(summary.figure, outcome.figures))))
        if outcome.place is not None:
            grid.add_row("at", self.place(outcome.place))
        if summary.tail_explains(outcome):
            grid.add_row("output", self.tail(outcome.tail or ""))

    def place(self, place: Place) -> Text:
        where = f"{place.file}:{place.line}"
        if place.function is not None:
            where += f" in {place.function}"
        text = self.line(where)
        if place.text is not None:
            text.append("\n").append(self.line(f"{self.shapes.bar} {place.text}"))
        return text

    def tail(self, tail: str) -> Text:
        lines = visible_lines(without_colour(tail), _TAIL_LINES)
        return self.joined([f"{self.shapes.bar} {line}" for line in lines], "dim")

    def unmeasured(self) -> RenderableType | None:
        parts = [
            self.group(group)
            for state in (OutcomeState.HARNESS_ERROR, OutcomeState.NOT_MEASURED)
            for group in summary.unmeasured(self.run, state)
        ]
        return self.section("Not measured", parts) if parts else None

    def group(self, group: Unmeasured) -> RenderableType:
        blocked = f" (blocked by {group.blocked_by})" if group.blocked_by else ""
        fault = "hwcheck failed: " if group.state is OutcomeState.HARNESS_ERROR else ""
        head = self.line(f"{self.shapes.unknown} {fault}{group.reason}{blocked}", "yellow")
        ids = self.line(f"{len(group.ids)}: {group.told}", limit=_IDS_LIMIT)
        return Group(head, Padding(ids, (0, 0, 0, 2)))

    def engines(self) -> RenderableType | None:
        parts: list[RenderableType] = []
        for heading, told in engine_lines(self.run):
            parts.append(self.line(heading))
            parts += [Padding(self.line(text), (0, 0, 0, 2)) for text in told]
        return self.section("What ran", parts) if parts else None

    def pairs(self) -> RenderableType | None:
        if self.run.pairs is None:
            return None
        return self.section("Pairs", [self.line(text) for text in pair_lines(self.run.pairs)])

    def patches(self) -> RenderableType | None:
        told = [
            f"{patch.target}: {summary.patch_sentence(patch)}"
            + (f" ({patch.place.file}:{patch.place.line})" if patch.place else "")
            for patch in self.run.patches
        ]
        noun = "attributes of vLLM, torch and transformers that are replaced"
        return self.listed("Patches", noun, told)

    def effects(self) -> RenderableType | None:
        told = [
            f"{effect.kind}: {effect.subject}: {effect.detail}"
            + (f" ({effect.place.file}:{effect.place.line})" if effect.place else "")
            for effect in self.run.effects
        ]
        return self.listed("Left behind", "changes outside the plugin's own objects", told)

    def listed(self, title: str, noun: str, told: list[str]) -> RenderableType | None:
        """The number, the first lines, and where the rest is."""
        if not told:
            return None
        parts: list[RenderableType] = [self.line(f"{noun}: {len(told)}")]
        parts += [Padding(self.line(text), (0, 0, 0, 2)) for text in told[:_MOST_LISTED]]
        if len(told) > _MOST_LISTED:
            parts.append(self.line("the rest: --format markdown or json", "dim"))
        return self.section(title, parts)

    def problems(self) -> RenderableType | None:
        if not self.run.problems:
            return None
        parts: list[RenderableType] = []
        for problem in self.run.problems:
            head = f"{self.shapes.unknown} {problem.kind}: {problem.subject}: {problem.detail}"
            parts.append(self.line(head, "yellow"))
            parts.append(Padding(self.line(f"next: {problem.remedy}"), (0, 0, 0, 2)))
        return self.section("Metadata", parts)

    def close(self) -> RenderableType:
        counted = ", ".join(f"{number} {state}" for state, number in summary.counts(self.run))
        code = summary.exit_code(self.run)
        text = (
            f"{counted or 'no outcomes'} in {self.run.seconds:.1f} s; "
            f"exit {code}: {summary.exit_meaning(self.run)}"
        )
        return Group("", self.line(text, "bold red" if code else "bold green"))

    def section(self, title: str, parts: list[RenderableType]) -> RenderableType:
        return Group("", self.line(title, "bold underline"), *parts)

    def table(self, *columns: str) -> Table:
        table = Table(box=None, pad_edge=False, header_style="dim", padding=(0, 2, 0, 0))
        for column in columns:
            table.add_column(column, overflow="fold")
        return table

    def line(self, text: str, style: str = "", limit: int = LINE_LIMIT) -> Text:
        return self.joined([visible(text, limit)], style)

    def lines(self, text: str) -> Text:
        return self.joined(list(visible_lines(text)), "")

    def joined(self, lines: list[str], style: str) -> Text:
        # `Text` holds the text as it is: square brackets and emoji names are no markup in it.
        text = "\n".join(lines)
        return Text(ascii_text(text) if self.shapes is ASCII else text, style, overflow="fold")
