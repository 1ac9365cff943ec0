"""Questions about a plugin and one or two hosts, their answers, and what gives them."""

from collections.abc import Collection
from dataclasses import dataclass, replace
from typing import NamedTuple, Protocol

from hwcheck.analyse.subject import PluginCode
from hwcheck.hosts.host_facts import HostFacts
from hwcheck.model.finding import Finding
from hwcheck.model.rule import RulePage

__all__ = ["HostShelf", "Pair", "PairResult", "RuleSource", "Runner", "sorted_findings"]


class HostShelf(Protocol):
    """Where hosts are taken from."""

    def known(self) -> tuple[str, ...]:
        """Name the known releases, oldest first."""
        ...

    def open(self, word: str) -> HostFacts:
        """Take a known release, or read what a path names.

        Raises HostError: there is no such host.
        """
        ...

    def digest(self, word: str) -> str:
        """Tell the digest of a host's facts, without reading them where possible.

        Raises HostError: there is no such host.
        """
        ...


class Pair(NamedTuple):
    """One question: what is wrong on a host, seen from another one."""

    old: str | None
    new: str
    narrowed: tuple[tuple[str, ...], tuple[str, ...]] | None = None
    """Only these rules and these modules; the others were answered already."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PairResult:
    """The answer."""

    findings: tuple[Finding, ...]
    """Sorted, each key once."""
    unreached: tuple[str, ...]
    """Modules of the plugin that no entry point leads to on the new host."""


class Runner(Protocol):
    """Runs rules."""

    def __call__(self, pair: Pair) -> PairResult:
        """Answer a pair."""
        ...


class RuleSource(Protocol):
    """Where rules are taken from; importing and running them waits until an answer is missing."""

    def pages(self) -> tuple[RulePage, ...]:
        """Give the pages of all rules and of what the check itself finds, by id."""
        ...

    def digest(self) -> str:
        """Name the code that decides what is found."""
        ...

    def runner(self, code: PluginCode, shelf: HostShelf, gates: frozenset[str]) -> Runner:
        """Make what runs the rules on a plugin."""
        ...


def sorted_findings(findings: Collection[Finding]) -> tuple[Finding, ...]:
    """Sort findings by place; of those with one key the most severe is kept, all lines in it."""
    kept: dict[tuple[str, ...], Finding] = {}
    for finding in sorted(findings, key=_order):
        first = kept.get(finding.key)
        kept[finding.key] = finding if first is None else _merged(first, finding)
    return tuple(sorted(kept.values(), key=_order))


def _merged(first: Finding, second: Finding) -> Finding:
    stronger, weaker = sorted((first, second), key=lambda item: (item.severity.rank, _order(item)))
    lines = {stronger.where.line, weaker.where.line, *first.other_lines, *second.other_lines}
    return replace(stronger, other_lines=tuple(sorted(lines - {stronger.where.line})))


def _order(finding: Finding) -> tuple[str, int, str, str, str, str]:
    key = (finding.rule, finding.symbol, finding.subject, finding.detail)
    return (finding.where.path, finding.where.line, *key)
