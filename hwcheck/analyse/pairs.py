"""Questions about a plugin and one or two hosts, their answers, and what gives them."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from typing import NamedTuple, Protocol

from hwcheck.analyse.subject import PluginCode
from hwcheck.hosts.host_facts import HostFacts
from hwcheck.model.finding import Finding
from hwcheck.model.rule import RulePage

__all__ = [
    "Focus",
    "HostShelf",
    "Pair",
    "PairResult",
    "RuleSource",
    "Runner",
    "joined",
    "sorted_findings",
]


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


class Focus(NamedTuple):
    """A part of a question, when the rest was answered already."""

    rules: tuple[str, ...]
    """Ids."""
    places: tuple[tuple[str, tuple[int, ...]], ...]
    """Modules of the plugin, and the lines in them that matter."""


class Pair(NamedTuple):
    """One question: what is wrong on a host, seen from another one."""

    old: str | None
    new: str
    focus: Focus | None = None
    """Only findings of these rules at these places are complete in the answer."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PairResult:
    """The answer."""

    findings: tuple[Finding, ...]
    """Sorted, each key once."""
    unreached: tuple[str, ...]
    """Modules of the plugin that no entry point leads to on the new host."""


class Runner(Protocol):
    """Runs rules."""

    def __call__(self, pair: Pair, part: int, parts: int) -> PairResult:
        """Answer a pair with one of `parts` equal parts of the rules."""
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


def joined(results: Sequence[PairResult]) -> PairResult:
    """Put the answers of all parts of the rules together."""
    findings = [finding for result in results for finding in result.findings]
    return PairResult(findings=sorted_findings(findings), unreached=results[0].unreached)


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
