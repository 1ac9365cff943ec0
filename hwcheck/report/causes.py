"""Findings by cause: what of the host changed, and where the plugin breaks on it."""

import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

from hwcheck.model.check import Check
from hwcheck.model.finding import Finding, Location, Reach, Severity
from hwcheck.model.rule import RulePage
from hwcheck.report.signatures import elided

__all__ = [
    "Cause",
    "Change",
    "Fact",
    "Place",
    "Site",
    "causes",
    "message_lines",
    "place_path",
    "places",
    "reach_words",
    "tree_path",
]

#: The names of what is told of the host's side.
_ORDER = ("before", "now", "relied on", "since", "fix")
_REACH_WORDS = {
    Reach.REACHED: "",
    Reach.UNREACHED: "no entry point leads here",
    Reach.TRIED: "the plugin catches the failure",
    Reach.TYPING: "for type checkers only",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Site:
    """Findings in which the plugin does the same."""

    plugin_side: str
    findings: tuple[Finding, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Lines of one file of the plugin, of which the same is told."""

    path: str
    """As seen from where the check was started."""
    lines: str
    """``3, 8``."""
    told: str
    """What sets them apart from the others; mostly empty."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Fact:
    """One thing that is told of the host's side of a finding."""

    name: str
    """``before``, ``now``, ``relied on``, ``since`` or ``fix``."""
    text: str
    where: Location | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """Findings of which the same is told of the host's side."""

    facts: tuple[Fact, ...]
    """Without those that are told of the whole cause."""
    sites: tuple[Site, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Cause:
    """One thing of the host, and all that breaks on it in one way."""

    rule: str
    page: RulePage | None
    symbol: str
    severity: Severity
    """The highest of its findings."""
    findings: tuple[Finding, ...]

    @property
    def places(self) -> int:
        """The number of lines of the plugin that are concerned."""
        return sum(1 + len(finding.other_lines) for finding in self.findings)

    @property
    def since(self) -> str:
        """The releases from which on its findings are there; empty when it is not known."""
        return ", ".join(sorted({item.since for item in self.findings if item.since is not None}))

    @property
    def facts(self) -> tuple[Fact, ...]:
        """What is told of the host's side for all of its findings, or by all that tell of it."""
        told: dict[str, set[Fact]] = {}
        for finding in self.findings:
            for fact in _facts(finding):
                told.setdefault(fact.name, set()).add(fact)
        return tuple(told[name].pop() for name in _ORDER if len(told.get(name, ())) == 1)

    @property
    def changes(self) -> tuple[Change, ...]:
        """Its findings by what else is told of the host's side, in the order found."""
        shared = self.facts

        def own(finding: Finding) -> tuple[Fact, ...]:
            return tuple(fact for fact in _facts(finding) if fact not in shared)

        return tuple(
            Change(facts=own(group[0]), sites=_sites(group))
            for group in _grouped(self.findings, own)
        )


def causes(findings: Iterable[Finding], check: Check) -> tuple[Cause, ...]:
    """Group findings by rule and symbol; the most severe first, then the most places."""
    found = (
        Cause(
            rule=group[0].rule,
            page=check.page(group[0].rule),
            symbol=group[0].symbol,
            severity=min((item.severity for item in group), key=lambda item: item.rank),
            findings=tuple(group),
        )
        for group in _grouped(findings, lambda item: (item.rule, item.symbol))
    )
    return tuple(
        sorted(found, key=lambda item: (item.severity.rank, -item.places, item.rule, item.symbol))
    )


def places(findings: Iterable[Finding], check: Check, usual: Severity) -> tuple[Place, ...]:
    """Give the places of findings, those in one file together; `usual` is not worth telling."""
    groups: dict[tuple[str, str], set[int]] = {}
    for finding in findings:
        words = [finding.severity.value] if finding.severity is not usual else []
        words += [reach_words(finding)] if reach_words(finding) else []
        key = (place_path(check, finding.where), ": ".join(words))
        groups.setdefault(key, set()).update((finding.where.line, *finding.other_lines))
    return tuple(
        Place(path=path, lines=", ".join(map(str, sorted(lines))), told=told)
        for (path, told), lines in groups.items()
    )


def place_path(check: Check, location: Location) -> str:
    """Name a file of the plugin as seen from where the check was started."""
    return tree_path(check, location.path)


def tree_path(check: Check, path: str) -> str:
    """Name a path in the plugin's tree as seen from where the check was started."""
    return f"{check.root}/{path}" if check.root else path


def message_lines(finding: Finding, check: Check) -> Iterator[str]:
    """Tell a finding line by line, both sides of it, for forms without columns."""
    yield finding.plugin_side
    yield f"vLLM {check.host or ''}".rstrip() + f": {finding.host_side}"
    if finding.host_before not in (None, finding.host_side):
        yield f"vLLM {check.baseline.host or ''}".rstrip() + f": {finding.host_before}"
    if finding.evidence is not None:
        yield f"vLLM relies on it at {finding.evidence.path}:{finding.evidence.line}"
    if finding.since is not None:
        yield f"since vLLM {finding.since}"
    if reach_words(finding):
        yield reach_words(finding)
    if finding.fix is not None:
        yield f"fix: {finding.fix}"


def reach_words(finding: Finding) -> str:
    """Say how the code comes to run; empty when an entry point leads to it."""
    return _REACH_WORDS[finding.reach]


def _sites(findings: Iterable[Finding]) -> tuple[Site, ...]:
    return tuple(
        Site(plugin_side=elided(group[0].plugin_side, group[0].host_side), findings=tuple(group))
        for group in _grouped(findings, lambda item: item.plugin_side)
    )


def _facts(finding: Finding) -> tuple[Fact, ...]:
    before, now = finding.host_before, finding.host_side
    text = elided(now, finding.plugin_side if before is None else before)
    facts = [Fact(name="now", text=_shortened(text, finding.symbol), where=finding.host_where)]
    if before is not None and before != now:
        text = elided(before, now)
        facts.insert(0, Fact(name="before", text=_shortened(text, finding.symbol)))
    if finding.evidence is not None:
        facts.append(Fact(name="relied on", text="", where=finding.evidence))
    if finding.since is not None:
        facts.append(Fact(name="since", text=finding.since))
    if finding.fix is not None:
        facts.append(Fact(name="fix", text=_shortened(finding.fix, finding.symbol)))
    return tuple(facts)


def _shortened(text: str, symbol: str) -> str:
    """Leave out the module of what the symbol names, which stands above it in full."""
    parts = symbol.split(".")
    names = [number for number, part in enumerate(parts) if part.lstrip("_")[:1].isupper()]
    module = ".".join(parts[: names[0] if names else -1])
    if not module or f"{module}." not in text:
        return text
    # Without a class in it, the symbol may be a module; only a call tells a function.
    followed = r"(?=_*[A-Z])" if names else rf"(?={re.escape(parts[-1])}\()"
    return re.sub(rf"(?<![\w.]){re.escape(module)}\.{followed}", "", text)


def _grouped(
    findings: Iterable[Finding], key: Callable[[Finding], object]
) -> Iterable[list[Finding]]:
    groups: dict[object, list[Finding]] = {}
    for finding in findings:
        groups.setdefault(key(finding), []).append(finding)
    return groups.values()
