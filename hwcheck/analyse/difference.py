"""What is new on a host, and what was already so on the baseline."""

from collections.abc import Iterable
from dataclasses import dataclass, replace

from hwcheck.model.finding import Finding, Severity

__all__ = ["Difference", "subtract"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Difference:
    """The findings of a host, divided."""

    new: tuple[Finding, ...]
    standing: tuple[Finding, ...]
    """At most warnings: the plugin is said to work there."""


def subtract(findings: Iterable[Finding], before: Iterable[Finding]) -> Difference:
    """Divide the findings of a host by whether they are also among those of the baseline."""
    known = {finding.key for finding in before}
    new: list[Finding] = []
    standing: list[Finding] = []
    for finding in findings:
        if finding.key in known:
            standing.append(_lowered(finding))
        else:
            new.append(finding)
    return Difference(new=tuple(new), standing=tuple(standing))


def _lowered(finding: Finding) -> Finding:
    if finding.severity != Severity.ERROR:
        return finding
    return replace(finding, severity=Severity.WARNING)
