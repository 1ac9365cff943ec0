"""Findings about what vLLM does with the plugin's code, with the call that shows it."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from hwcheck.analyse.binding import Signature
from hwcheck.analyse.comparison import Comparison
from hwcheck.analyse.evidence import Evidence, Standing
from hwcheck.analyse.overrides import Override
from hwcheck.analyse.rules.place import Mismatch, Spot, found, milder
from hwcheck.analyse.rules.wording import listed
from hwcheck.model.finding import Finding, Severity

__all__ = [
    "Misfit",
    "best_by_name",
    "confirmed",
    "divided",
    "does_not_take",
    "passed",
    "severity_of",
    "spot_of",
]

_SEVERITY = {
    Standing.SURE: Severity.ERROR,
    Standing.LIKELY: Severity.ERROR,
    Standing.LATENT: Severity.WARNING,
}


@dataclass(frozen=True, slots=True)
class Misfit:
    """Parameters on which one function of the plugin fails, and the surest call that shows it."""

    names: tuple[str, ...]
    detail: str
    evidence: Evidence


def spot_of(override: Override) -> Spot:
    """Name the place of an override: its definition."""
    return Spot(override.code, override.line, override.scope)


def confirmed(
    comparison: Comparison, spot: Spot, mismatch: Mismatch, evidence: Evidence | None = None
) -> Iterator[Finding]:
    """Make the finding as `found` does, as severe as the evidence allows."""
    severity = milder(mismatch.severity, severity_of(evidence))
    for finding in found(comparison, spot, replace(mismatch, severity=severity)):
        yield replace(finding, evidence=evidence.where if evidence else None)


def severity_of(evidence: Evidence | None) -> Severity:
    """Tell how severe a mismatch is that this shows; without evidence it is only possible."""
    return _SEVERITY.get(evidence.standing, Severity.NOTE) if evidence else Severity.NOTE


def best_by_name(items: Iterable[Evidence]) -> dict[str, Evidence]:
    """Tell for each parameter the surest evidence, of items that are the surest first."""
    best: dict[str, Evidence] = {}
    for item in items:
        if item.standing is not Standing.OPEN:
            for name in item.problems:
                best.setdefault(name, item)
    return best


def divided(now: Mapping[str, Evidence], before: Mapping[str, Evidence] | None) -> Iterator[Misfit]:
    """Put the parameters of one function together: those that are new, and those that are not.

    What fails on the old host already is told with the detail that it has there, so that the two
    are known to be the same. Where a function of vLLM that makes a call which fails on both hosts,
    the call is no proof that the new parameters are ever passed.
    """
    known = before or {}
    fresh = [name for name in now if name not in known]
    failing = {(item.call.module, item.call.site.scope) for item in known.values()}
    if fresh:
        item = now[fresh[0]]
        if (item.call.module, item.call.site.scope) in failing:
            item = replace(item, standing=Standing.LATENT)
        yield Misfit(tuple(fresh), _joined(fresh), item)
    standing = [name for name in now if name in known]
    if standing:
        yield Misfit(tuple(standing), _joined(known), now[standing[0]])


def _joined(names: Iterable[str]) -> str:
    return ", ".join(sorted(names))


def does_not_take(own: Signature, names: Sequence[str]) -> str:
    """Say in which way a signature fails on parameters."""
    ours = {item.name: item.is_required for item in own.parameters}
    unknown = tuple(name for name in names if name not in ours)
    needed = tuple(name for name in names if ours.get(name))
    moved = tuple(name for name in names if name in ours and not ours[name])
    words = (
        ("does not take", unknown, ""),
        ("requires", needed, ""),
        ("has", moved, " at another place"),
    )
    return ", ".join(f"{verb} {listed(some)}{end}" for verb, some, end in words if some)


def passed(evidence: Evidence | None) -> str:
    """Say what the call passes that shows it."""
    if evidence is None:
        return ""
    site = evidence.call.site
    arguments = [f"{site.positional} by position"] if site.positional else []
    if site.keywords:
        arguments.append(listed(site.keywords))
    return f", called with {' and '.join(arguments) or 'nothing'}"
