"""Since which known release a finding is there, by halving the releases in between."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from typing import NamedTuple

from hwcheck.analyse.evaluate import Evaluator
from hwcheck.analyse.pairs import Focus, Pair
from hwcheck.model.finding import Finding

__all__ = ["with_since"]


def with_since(
    evaluator: Evaluator,
    findings: Sequence[Finding],
    *,
    baseline: str,
    host: str,
    modules: Mapping[str, str],
) -> tuple[Finding, ...]:
    """Tell for each new finding of `host` the first release after `baseline` that has it.

    `modules` tells the module of each path. Where the host is no known release, or older than the
    baseline, nothing is told. A finding is taken to stay once it is there.
    """
    known = evaluator.shelf.known()
    if baseline not in known or host not in known or known.index(host) <= known.index(baseline):
        return tuple(findings)
    search = _Search(evaluator, baseline, modules)
    found = search.among(findings, known[known.index(baseline) + 1 : known.index(host) + 1])
    return tuple(replace(finding, since=found[finding.key]) for finding in findings)


class _Part(NamedTuple):
    """Findings that are all there on the last of some releases, and not before the first."""

    findings: tuple[Finding, ...]
    releases: tuple[str, ...]

    @property
    def middle(self) -> int:
        """Where it is cut; the release there belongs to the first half."""
        return (len(self.releases) - 1) // 2

    def halves(self, present: Collection[tuple[str, ...]]) -> tuple["_Part", "_Part"]:
        """Divide by what is present at the middle."""
        earlier = tuple(finding for finding in self.findings if finding.key in present)
        later = tuple(finding for finding in self.findings if finding.key not in present)
        cut = self.middle + 1
        return _Part(earlier, self.releases[:cut]), _Part(later, self.releases[cut:])


class _Search:
    """A search by halving; the fewer findings are left, the less is looked at again."""

    def __init__(self, evaluator: Evaluator, baseline: str, modules: Mapping[str, str]) -> None:
        self._evaluator = evaluator
        self._baseline = baseline
        self._modules = modules

    def among(
        self, findings: Sequence[Finding], releases: Sequence[str]
    ) -> dict[tuple[str, ...], str]:
        """Tell the release of each key; all parts of a round are looked at together."""
        found: dict[tuple[str, ...], str] = {}
        parts = [_Part(tuple(findings), tuple(releases))]
        while parts:
            for part in parts:
                if len(part.releases) == 1:
                    found.update((finding.key, part.releases[0]) for finding in part.findings)
            open_ = [part for part in parts if len(part.releases) > 1]
            answers = self._evaluator.answers([self._question(part) for part in open_])
            parts = [
                half
                for part, answer in zip(open_, answers, strict=True)
                for half in part.halves({finding.key for finding in answer.findings})
                if half.findings
            ]
        return found

    def _question(self, part: _Part) -> Pair:
        places: dict[str, set[int]] = {}
        for finding in part.findings:
            lines = places.setdefault(self._modules[finding.where.path], set())
            lines.update((finding.where.line, *finding.other_lines))
        focus = Focus(
            rules=tuple(sorted({finding.rule for finding in part.findings})),
            places=tuple((name, tuple(sorted(places[name]))) for name in sorted(places)),
        )
        return Pair(old=self._baseline, new=part.releases[part.middle], focus=focus)
