"""Places in the plugin, and the making of findings about them."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from typing import NamedTuple

from hwcheck.analyse.comparison import Comparison
from hwcheck.analyse.rules.tested import Place, is_tested_away
from hwcheck.model.finding import Finding, Location, Reach, Severity
from hwcheck.model.use import Code

__all__ = ["Mismatch", "Spot", "found", "lowered", "merged", "milder"]

_ORDER = (Severity.ERROR, Severity.WARNING, Severity.NOTE)
_HIGHEST = {
    Reach.REACHED: Severity.ERROR,
    Reach.UNREACHED: Severity.WARNING,
    Reach.TRIED: Severity.NOTE,
    Reach.TYPING: Severity.NOTE,
}


class Spot(NamedTuple):
    """A place in the plugin's code."""

    code: Code
    line: int
    scope: int = 0
    guard: int = 0

    @property
    def subject(self) -> str:
        """The dotted name of the function, class or module around it."""
        name = self.code.uses.scopes[self.scope].name
        return f"{self.code.module.name}.{name}" if name else self.code.module.name


@dataclass(frozen=True, slots=True, kw_only=True)
class Mismatch:
    """What a rule knows about a place; the rest of the finding follows from the place."""

    rule: str
    symbol: str
    plugin_side: str
    host_side: str
    severity: Severity = Severity.ERROR
    detail: str = ""
    before: str | None = None
    where: Location | None = None
    fix: str | None = None


def found(comparison: Comparison, spot: Spot, mismatch: Mismatch) -> Iterator[Finding]:
    """Make the finding, as severe as the way to its place allows; none for code that is dead."""
    reach = comparison.new.reach(spot.code, guard=spot.guard)
    place = Place(spot.code, spot.line, spot.scope, spot.guard)
    if reach is None or is_tested_away(comparison, place):
        return
    yield Finding(
        rule=mismatch.rule,
        severity=milder(mismatch.severity, _HIGHEST[reach]),
        where=Location(path=spot.code.module.path, line=spot.line),
        symbol=mismatch.symbol,
        subject=spot.subject,
        detail=mismatch.detail,
        plugin_side=mismatch.plugin_side,
        host_side=mismatch.host_side,
        host_before=mismatch.before,
        host_where=mismatch.where,
        fix=mismatch.fix,
        reach=reach,
    )


def merged(findings: Iterable[Finding]) -> Iterator[Finding]:
    """Make one finding of those with the same key: at the first line of the most severe."""
    by_key: dict[tuple[str, str, str, str, str], list[Finding]] = {}
    for finding in findings:
        by_key.setdefault(finding.key, []).append(finding)
    for group in by_key.values():
        first = min(group, key=lambda item: (_ORDER.index(item.severity), item.where.line))
        lines = {line for item in group for line in (item.where.line, *item.other_lines)}
        yield replace(first, other_lines=tuple(sorted(lines - {first.where.line})))


def milder(one: Severity, other: Severity) -> Severity:
    """Tell the less severe of two."""
    return max(one, other, key=_ORDER.index)


def lowered(severity: Severity) -> Severity:
    """Tell the next less severe; a note stays one."""
    return _ORDER[min(_ORDER.index(severity) + 1, len(_ORDER) - 1)]
