"""Renders a conformance run as workflow commands of GitHub Actions, which become annotations."""

from collections.abc import Iterator

from hwcheck.model.outcome import OutcomeState
from hwcheck.model.run import Run
from hwcheck.report import summary
from hwcheck.report.github import command
from hwcheck.report.summary import Breach, Finding

__all__ = ["render"]


def render(run: Run) -> str:
    """Render one command a line: the verdict, what failed, waivers that are wrong, what is waived.

    The plugin's lines are those of an installed copy, so they are told in the text: as places they
    would point into nothing.
    """
    return "".join(f"{line}\n" for line in _lines(run))


def _lines(run: Run) -> Iterator[str]:
    code, meaning = summary.exit_code(run), summary.exit_meaning(run)
    yield command(
        "error" if code == 3 else "notice",
        summary.verdict_sentence(run),
        [f"exit {code}: {meaning}", f"repeat with: {run.command}"],
    )
    for state in (OutcomeState.BROKEN, OutcomeState.FLAKY):
        for breach in summary.breaches(run, state):
            for finding in breach.findings:
                yield _failure(state, breach, finding)
    for use in summary.waiver_faults(run):
        yield command(
            "error", f"waiver {use.standing}: {use.waiver.id}", [use.detail, use.waiver.told]
        )
    for use in summary.waivers_in_force(run):
        yield command("notice", f"waived: {', '.join(use.covers)}", [use.waiver.told])
    for group in summary.unmeasured(run, OutcomeState.HARNESS_ERROR):
        yield command("error", f"hwcheck failed: {group.told}", [group.reason])


def _failure(state: OutcomeState, breach: Breach, finding: Finding) -> str:
    outcome = finding.outcome
    told = (outcome.reason or "no reason is known").splitlines()
    if outcome.reruns is not None:
        told.append(outcome.reruns.told)
    if outcome.example is not None:
        told.append(f"example: {outcome.example}")
    if outcome.place is not None:
        told.append(f"at {outcome.place.file}:{outcome.place.line}")
    if breach.contract is not None:
        told += [f"wanted: {breach.contract.title}", f"next: {breach.contract.remedy}"]
    return command("error", f"{state}: {', '.join(finding.ids)}", told)
