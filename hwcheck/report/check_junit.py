"""Renders a check as JUnit XML."""

from collections.abc import Iterator
from io import BytesIO

from junitparser import Error, Failure, JUnitXml, Skipped, TestCase, TestSuite

from hwcheck.model.check import Check
from hwcheck.model.finding import Finding
from hwcheck.model.run import Run
from hwcheck.report import check_summary as summary
from hwcheck.report.causes import message_lines, place_path, tree_path
from hwcheck.report.junit import attribute, block
from hwcheck.report.summary import host_name, plugin_name

__all__ = ["render"]


def render(run: Run) -> str:
    """Render one suite a rule and one case a finding, after a suite of the check itself."""
    check = summary.check_of(run)
    document = JUnitXml(name=attribute(f"hwcheck {plugin_name(run)}"))
    for name, cases in _suites(check).items():
        suite = TestSuite(attribute(name))
        for key, value in _properties(run, check):
            suite.add_property(key, attribute(value))
        for case in cases:
            suite.add_testcase(case)
        document.add_testsuite(suite)
    document.update_statistics()  # type: ignore[no-untyped-call]  # junitparser left it untyped
    stream = BytesIO()
    document.write(stream, pretty=True)
    return stream.getvalue().decode()


def _suites(check: Check) -> dict[str, list[TestCase]]:
    suites = {"check": list(_of_check(check))}
    standing = check.standing if check.selection.standing else ()
    shown = [(item, False) for item in _listed(check)]
    for finding, is_standing in shown + [(item, True) for item in standing]:
        page = check.page(finding.rule)
        name = f"{finding.rule} {page.title}" if page is not None else finding.rule
        case = _case(finding, check, is_standing=is_standing)
        suites.setdefault(name, []).append(case)
    return suites


def _listed(check: Check) -> tuple[Finding, ...]:
    return summary.of_code(summary.listed(check.findings, check), check)


def _of_check(check: Check) -> Iterator[TestCase]:
    # Without it, a check that read nothing would look like one that found nothing.
    complete = TestCase("complete", "hwcheck.check")
    code, meaning = summary.exit_code(check), summary.exit_meaning(check)
    if check.skipped:
        complete.result = [Error(attribute(_not_read(check)), "partial")]
    elif code == 3:
        complete.result = [Error(attribute(meaning), "empty")]
    complete.system_out = block(
        "\n".join(
            (summary.baseline_sentence(check), summary.looked_at(check), *summary.left_out(check))
        )
    )
    yield complete
    for line in check.window:
        case = TestCase(attribute(f"vLLM {line.host}"), "hwcheck.window")
        if not line.fits:
            # A release that does not fit is an answer of the window, not a failure of it.
            reason = f"does not fit: {line.errors} errors; {'; '.join(line.reasons)}"
            case.result = [Skipped(attribute(reason), "does-not-fit")]
        yield case


def _case(finding: Finding, check: Check, *, is_standing: bool) -> TestCase:
    path = place_path(check, finding.where)
    name = ": ".join(filter(None, (path, finding.subject, finding.symbol, finding.detail)))
    case = TestCase(attribute(name), attribute(finding.rule))
    lines = (f"{path}:{finding.where.line}", *message_lines(finding, check))
    reason = attribute(f"{finding.plugin_side}; now: {finding.host_side}")
    if is_standing:
        case.result = [Skipped(attribute(f"also on vLLM {check.baseline.host}: {reason}"))]
    elif finding.severity.rank > check.selection.fails.rank:
        case.result = [Skipped(attribute(f"{finding.severity}: {reason}"), finding.severity.value)]
    else:
        failure = Failure(reason, finding.severity.value)
        failure.text = block("\n".join(lines))
        case.result = [failure]
    return case


def _not_read(check: Check) -> str:
    return "not read: " + "; ".join(
        f"{tree_path(check, item.path)} ({item.kind})" for item in check.skipped
    )


def _properties(run: Run, check: Check) -> list[tuple[str, str]]:
    return [
        ("plugin", plugin_name(run)),
        ("host", host_name(run)),
        ("baseline", check.baseline.host or "none"),
        ("hwcheck", run.environment.hwcheck),
        ("command", run.command),
    ]
