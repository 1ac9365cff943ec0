"""Renders a run as JUnit XML."""

from io import BytesIO

from junitparser import Error, Failure, JUnitXml, Skipped, TestCase, TestSuite

from hwcheck.model.outcome import Outcome, OutcomeState
from hwcheck.model.run import Run
from hwcheck.model.waiver import WaiverUse
from hwcheck.report.escaping import visible, visible_lines, without_colour, xml_text
from hwcheck.report.summary import figure, host_name, plugin_name

__all__ = ["attribute", "block", "render"]

_UNKNOWN_PROFILE = "other"
_ATTRIBUTE_LIMIT = 2000
_BLOCK_LINES = 200


def render(run: Run) -> str:
    """Render one suite a profile and one case an outcome."""
    document = JUnitXml(name=attribute(f"hwcheck {plugin_name(run)}"))
    for suite in _suites(run):
        document.add_testsuite(suite)
    document.update_statistics()  # type: ignore[no-untyped-call]  # junitparser left it untyped
    stream = BytesIO()
    document.write(stream, pretty=True)
    return stream.getvalue().decode()


def _suites(run: Run) -> list[TestSuite]:
    profiles = {contract.id: contract.profile.value for contract in run.contracts}
    groups: dict[str, list[TestCase]] = {}
    for outcome in run.outcomes:
        name = profiles.get(outcome.contract, _UNKNOWN_PROFILE)
        groups.setdefault(name, []).append(_case(run, outcome))
    if not run.complete:
        groups["run"] = [_interruption(run)]
    if run.waivers:
        groups["waivers"] = [_waiver(number, use) for number, use in enumerate(run.waivers, 1)]
    return [_suite(run, name, groups[name]) for name in sorted(groups)]


def _suite(run: Run, name: str, cases: list[TestCase]) -> TestSuite:
    suite = TestSuite(name)
    for key, value in _properties(run):
        suite.add_property(key, attribute(value))
    for case in cases:
        suite.add_testcase(case)
    return suite


def _properties(run: Run) -> list[tuple[str, str]]:
    environment = run.environment
    return [
        ("plugin", plugin_name(run)),
        ("host", host_name(run)),
        ("hwcheck", environment.hwcheck),
        ("python", environment.python),
        ("torch", environment.torch or "none"),
        ("system", f"{environment.system} {environment.machine}"),
        ("command", run.command),
    ]


def _case(run: Run, outcome: Outcome) -> TestCase:
    case = TestCase(attribute(outcome.id), attribute(outcome.contract), round(outcome.duration, 3))
    result = _result(run, outcome)
    if result is not None:
        case.result = [result]
    if outcome.tail:
        case.system_out = block(outcome.tail)
    return case


def _result(run: Run, outcome: Outcome) -> Failure | Error | Skipped | None:
    reason = attribute(outcome.reason or "no reason is known")
    cause = outcome.cause.value if outcome.cause is not None else outcome.state.value
    match outcome.state:
        case OutcomeState.PASSED:
            return None
        case OutcomeState.BROKEN:
            failure = Failure(reason, cause)
            failure.text = block("\n".join(_details(run, outcome)))
            return failure
        case OutcomeState.HARNESS_ERROR:
            return Error(reason, cause)
        case OutcomeState.FLAKY:
            rate = "" if outcome.reruns is None else f" ({outcome.reruns.told})"
            failure = Failure(attribute(f"flaky{rate}: {reason}"), "flaky")
            failure.text = block("\n".join(_details(run, outcome)))
            return failure
        case OutcomeState.WAIVED:
            return Skipped(attribute(f"waived: {outcome.waiver}; found: {reason}"), "waived")
        case OutcomeState.NOT_APPLICABLE | OutcomeState.NOT_MEASURED:
            blocked = f"; blocked by {outcome.blocked_by}" if outcome.blocked_by else ""
            return Skipped(attribute(f"{outcome.state.value}: {reason}{blocked}"), cause)


def _details(run: Run, outcome: Outcome) -> list[str]:
    contract = run.contract(outcome.contract)
    details = [outcome.reason or ""]
    if outcome.example is not None:
        details.append(f"example: {outcome.example}")
    details += [f"measured: {figure(item)}" for item in outcome.figures]
    if outcome.place is not None:
        details += [f"at: {outcome.place.file}:{outcome.place.line}", outcome.place.text or ""]
    if contract is not None:
        details += [f"relied on by: {contract.relied_on_by}", f"next: {contract.remedy}"]
    return [detail for detail in details if detail]


def _interruption(run: Run) -> TestCase:
    # Without it, a run that was cut short would look like a shorter run that passed.
    case = TestCase("complete", "hwcheck.run")
    case.result = [Error(attribute(run.interruption or "no reason is known"), "interrupted")]
    return case


def _waiver(number: int, use: WaiverUse) -> TestCase:
    # The number tells waivers of the same contract apart.
    case = TestCase(attribute(f"{use.waiver.id} #{number}"), "hwcheck.waivers")
    told = attribute(f"{use.standing}: {use.detail} [{use.waiver.told}]")
    if use.standing.is_fault:
        case.result = [Failure(told, use.standing.value)]
    elif not use.covers:
        case.result = [Skipped(told, use.standing.value)]
    else:
        case.system_out = told
    return case


def attribute(text: str) -> str:
    """Make text fit for an attribute: one line, no colours, not endless."""
    # A line end in an attribute is read back as a space, so it is shown as an escape.
    return visible(xml_text(without_colour(text)), _ATTRIBUTE_LIMIT)


def block(text: str) -> str:
    """Make text fit for the inside of an element: its last lines, without colours."""
    return "\n".join(visible_lines(xml_text(without_colour(text)), _BLOCK_LINES))
