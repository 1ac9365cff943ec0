"""Renders a check as workflow commands of GitHub Actions, which become annotations."""

from collections.abc import Iterable, Iterator

from hwcheck.model.check import Check
from hwcheck.model.finding import Finding, Severity
from hwcheck.model.run import Run
from hwcheck.report import check_summary as summary
from hwcheck.report.causes import causes, message_lines, place_path, tree_path
from hwcheck.report.escaping import visible

__all__ = ["command", "render"]

#: Annotations of one level that GitHub shows of one step.
_SHOWN = 10
_LEVELS = {Severity.ERROR: "error", Severity.WARNING: "warning", Severity.NOTE: "notice"}


def render(run: Run) -> str:
    """Render one command a line: the verdict, then what is listed, then what was not read.

    GitHub shows few annotations of a step, so the first finding of every cause comes before the
    others.
    """
    check = summary.check_of(run)
    lines = [_verdict(run, check)]
    lines += [_annotation(finding, check) for finding in _by_importance(check)]
    lines += [
        command(
            "warning",
            f"not read ({item.kind})",
            (item.detail,),
            file=tree_path(check, item.path),
        )
        for item in check.skipped
    ]
    return "".join(f"{line}\n" for line in lines)


def _verdict(run: Run, check: Check) -> str:
    told = [summary.baseline_sentence(check), summary.looked_at(check), *summary.left_out(check)]
    found = [item.severity for item in summary.listed(check.findings, check)]
    if any(found.count(severity) > _SHOWN for severity in Severity):
        told.append(
            f"GitHub shows {_SHOWN} annotations of a level; all are in the log of this step"
        )
    told += [f"vLLM {line.host} fits" for line in check.window if line.fits]
    return command("notice", summary.verdict_sentence(run), told)


def _by_importance(check: Check) -> Iterator[Finding]:
    found = causes(summary.of_code(summary.listed(check.findings, check), check), check)
    for cause in found:
        yield cause.findings[0]
    for cause in found:
        yield from cause.findings[1:]


def _annotation(finding: Finding, check: Check) -> str:
    page = check.page(finding.rule)
    lines = list(message_lines(finding, check))
    if finding.other_lines:
        lines.append(f"also line {', '.join(map(str, finding.other_lines))}")
    return command(
        _LEVELS[finding.severity],
        f"{finding.rule} {page.title}" if page is not None else finding.rule,
        lines,
        file=place_path(check, finding.where),
        line=finding.where.line,
    )


def command(level: str, title: str, message: Iterable[str], **place: object) -> str:
    """One workflow command, on one line."""
    properties = {**place, "title": title}
    told = ",".join(f"{key}={_property(str(value))}" for key, value in properties.items())
    return f"::{level} {told}::{_data(chr(10).join(map(visible, message)))}"


def _data(text: str) -> str:
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    return _data(visible(text)).replace(":", "%3A").replace(",", "%2C")
