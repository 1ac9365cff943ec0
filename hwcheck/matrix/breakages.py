"""What of vLLM breaks plugins: each thing once, with all that it breaks."""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from hashlib import blake2b

from hwcheck.analyse.survey import Survey
from hwcheck.matrix.versions import version_key
from hwcheck.model.finding import Finding, Severity
from hwcheck.model.matrix_static import Affected, Breakage, BreakageKind

__all__ = ["Breach", "breaches_of", "breakages"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Breach:
    """One thing of vLLM's that breaks one release of a plugin."""

    kind: BreakageKind
    host: str
    """The first release that breaks, or the newest that does not have it yet."""
    hosts: tuple[str, ...]
    """All that break so."""
    plugin: str
    version: str
    findings: tuple[Finding, ...]
    """Those of `host`."""

    @property
    def key(self) -> tuple[str, ...]:
        """What is the same for all plugins that it breaks."""
        return (self.kind, self.host, self.findings[0].symbol)

    @property
    def id(self) -> str:
        """A short name of the key."""
        return blake2b("\0".join(self.key).encode(), digest_size=6).hexdigest()


def breaches_of(found: Survey, row: str, version: str) -> Iterator[Breach]:
    """Find what breaks a release of a plugin on each side of its baseline.

    What is gone and comes back counts from when it was first gone.
    """
    if found.baseline.host is None:
        return
    made_for = version_key(found.baseline.host)
    newer = [line for line in found.lines if version_key(line.host) > made_for]
    newer += found.builds
    older = [line for line in reversed(found.lines) if version_key(line.host) < made_for]
    for kind, lines in ((BreakageKind.NEWER, newer), (BreakageKind.OLDER, older)):
        hosts: dict[tuple[str, ...], list[str]] = defaultdict(list)
        first: dict[tuple[str, ...], list[Finding]] = {}
        for line in lines:
            causes: dict[tuple[str, ...], list[Finding]] = defaultdict(list)
            for finding in line.findings:
                if finding.severity == Severity.ERROR:
                    causes[_cause(finding)].append(finding)
            for cause, findings in causes.items():
                hosts[cause].append(line.host)
                first.setdefault(cause, findings)
        for cause in sorted(first):
            yield Breach(
                kind=kind,
                host=hosts[cause][0],
                hosts=tuple(hosts[cause]),
                plugin=row,
                version=version,
                findings=tuple(first[cause]),
            )


def breakages(breaches: Sequence[Breach]) -> tuple[Breakage, ...]:
    """Put the breaches of all plugins together, those that concern most plugins first."""
    by_id: Mapping[str, list[Breach]] = defaultdict(list)
    for breach in breaches:
        by_id[breach.id].append(breach)
    return tuple(
        sorted(
            (_breakage(id_, items) for id_, items in by_id.items()),
            key=lambda item: (
                item.kind is not BreakageKind.NEWER,
                -len(item.plugins),
                -len(item.affected),
                item.symbol,
                item.id,
            ),
        )
    )


def _cause(finding: Finding) -> tuple[str, str]:
    """What of vLLM a finding is about; a parameter can go in one release, another in the next."""
    return (finding.symbol, finding.detail)


def _breakage(id_: str, breaches: Sequence[Breach]) -> Breakage:
    by_release: dict[tuple[str, str], list[Breach]] = defaultdict(list)
    for breach in breaches:
        by_release[breach.plugin, breach.version].append(breach)
    ordered = [
        by_release[key] for key in sorted(by_release, key=lambda key: (key[0], version_key(key[1])))
    ]
    first = ordered[0][0]
    sample = first.findings[0]
    return Breakage(
        id=id_,
        kind=first.kind,
        host=first.host,
        rule=sample.rule,
        severity=sample.severity,
        symbol=sample.symbol,
        words=sample.host_side,
        words_before=sample.host_before,
        affected=tuple(map(_affected, ordered)),
    )


def _affected(breaches: Sequence[Breach]) -> Affected:
    """One release of a plugin, which can fail on several details of the same thing."""
    first = breaches[0]
    sample = first.findings[0]
    places = {
        (finding.where.path, line)
        for breach in breaches
        for finding in breach.findings
        for line in (finding.where.line, *finding.other_lines)
    }
    return Affected(
        plugin=first.plugin,
        version=first.version,
        where=sample.where,
        plugin_side=sample.plugin_side,
        places=len(places),
        fix=sample.fix,
    )
