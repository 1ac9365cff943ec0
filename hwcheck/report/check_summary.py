"""What every report of a check says: its verdict, how it was reached, what was left out."""

from collections.abc import Iterable, Iterator

from hwcheck.model.check import BaselineKind, Check
from hwcheck.model.finding import Finding, Severity
from hwcheck.model.run import Run
from hwcheck.report.causes import causes

__all__ = [
    "baseline_sentence",
    "check_of",
    "counted",
    "exit_code",
    "exit_meaning",
    "hints",
    "left_out",
    "listed",
    "looked_at",
    "of_code",
    "partial_words",
    "verdict",
    "verdict_sentence",
]


def check_of(run: Run) -> Check:
    """Give the check of a run that has one.

    Raises ValueError: the plugin was run, and not checked.
    """
    if run.check is None:
        raise ValueError("the run holds no check: this form shows what `hwcheck check` found")
    return run.check


def listed(findings: Iterable[Finding], check: Check) -> tuple[Finding, ...]:
    """Keep the findings that are severe enough to be listed."""
    lowest = check.selection.lists.rank
    return tuple(item for item in findings if item.severity.rank <= lowest)


def of_code(findings: Iterable[Finding], check: Check) -> tuple[Finding, ...]:
    """Leave out what only says that a file was not read; forms have a place of their own for it."""
    skipped = {item.path for item in check.skipped}
    return tuple(item for item in findings if item.symbol or item.where.path not in skipped)


def counted(findings: Iterable[Finding]) -> str:
    """Count findings by severity, in words; empty when there are none."""
    severities = [item.severity for item in findings]
    return ", ".join(
        _number(severities.count(item), item.value) for item in Severity if item in severities
    )


def verdict_sentence(run: Run) -> str:
    """Say in one sentence whether the plugin fits, and when the check is partial."""
    return "; ".join(filter(None, (verdict(run), partial_words(check_of(run)))))


def verdict(run: Run) -> str:
    """Say whether the plugin fits."""
    check = check_of(run)
    plugin = f"{run.plugin.name} {run.plugin.version or '(version unknown)'}"
    said = _window_verdict(check) if check.host is None else _verdict(check, check.host)
    return f"{plugin} {said}"


def partial_words(check: Check) -> str:
    """Say that files were not read; empty when all were."""
    if check.is_complete:
        return ""
    return f"the check is partial: {_files(len(check.skipped))} not read"


def baseline_sentence(check: Check) -> str:
    """Say which release the findings are held against, and why that one."""
    baseline = check.baseline
    if baseline.kind is BaselineKind.NONE or baseline.host is None:
        return f"held against no other release: {baseline.reason}"
    return f"held against vLLM {baseline.host}: {baseline.reason}"


def looked_at(check: Check) -> str:
    """Say how much was looked at, and by which rules."""
    files = f"{check.files} file{'' if check.files == 1 else 's'}"
    parts = [f"{_number(check.uses, 'use')} of vLLM checked in {files}"]
    if check.selection.select:
        parts.append(f"only by rules {', '.join(check.selection.select)}")
    if check.selection.ignore:
        parts.append(f"without rules {', '.join(check.selection.ignore)}")
    return "; ".join(parts)


def left_out(check: Check) -> Iterator[str]:
    """Say what there is besides the findings that are listed."""
    lowest = check.selection.lists.rank
    below = [item for item in check.findings if item.severity.rank > lowest]
    if below:
        least = max((item.severity for item in below), key=lambda item: item.rank)
        yield f"{counted(below)} not listed (list with --severity {least})"
    if check.standing:
        told = "" if check.selection.standing else " (list with --show-standing)"
        yield f"also on vLLM {check.baseline.host}, not counted: {counted(check.standing)}{told}"
    if check.suppressed:
        yield f"ignored by comments in the source: {counted(check.suppressed)}"
    if check.unreached:
        number = len(check.unreached)
        yield (
            f"{_number(number, 'module')} that no entry point leads to: "
            "what is found there is a warning at most"
        )


def hints(check: Check) -> Iterator[str]:
    """Say what else can be asked."""
    found = causes(of_code(listed(check.findings, check), check), check)
    if found and found[0].page is not None:
        yield f"what a rule means: hwcheck explain {found[0].rule}"


def exit_code(check: Check) -> int:
    """The exit code of the command that made the check: 0, 1 or 3."""
    return _exit(check)[0]


def exit_meaning(check: Check) -> str:
    """Say why the check has its exit code."""
    return _exit(check)[1]


def _exit(check: Check) -> tuple[int, str]:
    fails = check.selection.fails
    found = [item for item in check.findings if item.severity.rank <= fails.rank]
    if found:
        return 1, f"new findings: {counted(found)}"
    if check.host is None and check.window and not any(line.fits for line in check.window):
        return 1, "no known release fits"
    if not check.is_complete:
        return 3, partial_words(check)
    if not check.files or not check.uses:
        return 3, "nothing was checked: no use of vLLM was found"
    if check.host is None:
        return 0, "the window was found"
    return 0, f"no new finding of severity {_or_higher(fails)}"


def _verdict(check: Check, host: str) -> str:
    errors = check.of_severity(Severity.ERROR)
    rest = counted(item for item in check.findings if item.severity is not Severity.ERROR)
    if errors:
        number = len(causes(errors, check))
        added = f"; also {rest}" if rest else ""
        return (
            f"does not fit vLLM {host}: {_number(len(errors), 'error')} "
            f"from {_number(number, 'change')} in vLLM{added}"
        )
    if not check.files or not check.uses:
        return f"against vLLM {host}: nothing was checked"
    return f"fits vLLM {host}: no new errors" + (f", {rest}" if rest else "")


def _window_verdict(check: Check) -> str:
    fitting = [line.host for line in check.window if line.fits]
    known = len(check.window)
    if not check.window:
        return "was held against no release"
    if not fitting:
        return f"fits none of {known} known releases of vLLM"
    spans = ", ".join(_spans([(line.host, line.fits) for line in check.window]))
    return f"fits vLLM {spans} ({len(fitting)} of {known} known releases)"


def _spans(line: list[tuple[str, bool]]) -> Iterator[str]:
    first = last = ""
    for host, fits in [*line, ("", False)]:
        if fits:
            first, last = first or host, host
        elif first:
            yield first if first == last else f"{first} to {last}"
            first = ""


def _or_higher(severity: Severity) -> str:
    return severity.value if severity is Severity.ERROR else f"{severity} or higher"


def _number(number: int, noun: str) -> str:
    return f"{number} {noun}{'' if number == 1 else 's'}"


def _files(number: int) -> str:
    return f"{number} file was" if number == 1 else f"{number} files were"
