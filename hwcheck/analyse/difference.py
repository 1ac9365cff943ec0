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
    known = {_identity(finding) for finding in before}
    new: list[Finding] = []
    standing: list[Finding] = []
    for finding in findings:
        if _identity(finding) in known:
            standing.append(_lowered(finding))
        else:
            new.append(finding)
    return Difference(new=tuple(new), standing=tuple(standing))


def _identity(finding: Finding) -> tuple[str, str, str, str, str]:
    """Tell what a finding is about, wherever in vLLM the class or function stands by now.

    Of a parameter or attribute that the same code of the plugin fails on, the module does not
    matter; of a name that is gone it does.
    """
    rule, path, subject, symbol, detail = finding.key
    if subject and detail:
        symbol = ".".join(symbol.split(".")[-2:])
    return (rule, path, subject, symbol, detail)


def _lowered(finding: Finding) -> Finding:
    if finding.severity != Severity.ERROR:
        return finding
    return replace(finding, severity=Severity.WARNING)
