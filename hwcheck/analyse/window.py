"""How a plugin stands to every known release."""

from collections import Counter
from collections.abc import Callable, Iterator, Sequence

from hwcheck.analyse.difference import subtract
from hwcheck.analyse.evaluate import Evaluator
from hwcheck.analyse.pairs import Pair
from hwcheck.analyse.request import Progress, Stage
from hwcheck.model.check import WindowLine
from hwcheck.model.finding import Finding, Severity

__all__ = ["pair_of", "window_lines"]

_MOST_REASONS = 3


def window_lines(
    evaluator: Evaluator,
    baseline: str | None,
    *,
    keeps: Callable[[Finding], bool],
    progress: Progress,
) -> Iterator[WindowLine]:
    """Give a line for each known release, oldest first, and tell `progress` of each.

    Without a baseline all findings count.
    """
    releases = evaluator.shelf.known()
    before: tuple[Finding, ...] = ()
    if baseline is not None:
        before = evaluator.answer(Pair(old=None, new=baseline)).findings
    pairs = [pair_of(baseline, release) for release in releases]
    for number, (release, result) in enumerate(
        zip(releases, evaluator.answers(pairs), strict=True), start=1
    ):
        new = tuple(filter(keeps, subtract(result.findings, before).new))
        line = _line(release, new)
        progress(Stage(name="window", done=number, total=len(releases), subject=release, line=line))
        yield line


def pair_of(baseline: str | None, host: str) -> Pair:
    """Ask about a host, seen from the baseline unless they are the same."""
    return Pair(old=None if baseline == host else baseline, new=host)


def _line(release: str, findings: Sequence[Finding]) -> WindowLine:
    counts = Counter(finding.severity for finding in findings)
    return WindowLine(
        host=release,
        fits=not counts[Severity.ERROR],
        errors=counts[Severity.ERROR],
        warnings=counts[Severity.WARNING],
        notes=counts[Severity.NOTE],
        reasons=_reasons(findings),
    )


def _reasons(findings: Sequence[Finding]) -> tuple[str, ...]:
    """The first things that are wrong, of the highest severity, in words."""
    if not findings:
        return ()
    highest = min((finding.severity for finding in findings), key=lambda item: item.rank)
    words = (
        f"{finding.rule} {finding.symbol}: {finding.host_side}"
        for finding in findings
        if finding.severity == highest
    )
    return tuple(dict.fromkeys(words))[:_MOST_REASONS]
