"""The static check of one plugin, from its target to what is wrong and where it fits."""

from collections.abc import Iterable, Mapping, Sequence
from contextlib import closing
from dataclasses import replace

from hwcheck.analyse.baseline import choose_baseline
from hwcheck.analyse.difference import subtract
from hwcheck.analyse.evaluate import Evaluator
from hwcheck.analyse.ignores import Ignores
from hwcheck.analyse.own_pages import SKIPPED
from hwcheck.analyse.pairs import HostShelf, Pair, PairResult, RuleSource, sorted_findings
from hwcheck.analyse.plugin_code import PluginSource
from hwcheck.analyse.request import Checked, CheckSettings, Progress, Stage
from hwcheck.analyse.selection import check_prefixes, is_selected, keeper
from hwcheck.analyse.since import with_since
from hwcheck.analyse.summary import Summary, summarise
from hwcheck.analyse.target import Opened, open_target
from hwcheck.analyse.window import pair_of, window_lines
from hwcheck.hosts.cache import ContentCache
from hwcheck.hosts.pool import without_collection
from hwcheck.model.check import Baseline, Check, Skipped, WindowLine
from hwcheck.model.finding import Finding, Location
from hwcheck.model.plugin import Origin
from hwcheck.model.rule import RulePage

__all__ = ["check"]


def check(
    settings: CheckSettings,
    rules: RuleSource,
    shelf: HostShelf,
    *,
    environment: Mapping[str, str],
    progress: Progress,
) -> Checked:
    """Check a plugin against one host, all known releases, or both.

    Raises DiscoveryError, SourceError, UsageError: the target or the selection. HostError: no such
    host.
    """
    check_prefixes(settings.selection, [page.id for page in rules.pages()])
    with without_collection():
        opened = open_target(
            settings.target, cache=settings.cache, environment=environment, progress=progress
        )
        with opened.tree, closing(_Checking(settings, rules, shelf, opened, progress)) as checking:
            return checking.carry_out()


class _Checking:
    """One check under way."""

    def __init__(
        self,
        settings: CheckSettings,
        rules: RuleSource,
        shelf: HostShelf,
        opened: Opened,
        progress: Progress,
    ) -> None:
        self._settings = settings
        self._pages = rules.pages()
        self._opened = opened
        self._progress = progress
        self._cache = ContentCache(settings.cache)
        self._source = PluginSource(opened, cache=self._cache, processes=settings.processes)
        self._evaluator = Evaluator(
            self._source,
            rules,
            shelf,
            gates=settings.gates,
            cache=self._cache,
            processes=settings.processes,
        )
        self._keeps = keeper(settings.selection)

    def close(self) -> None:
        """End the processes that helped."""
        self._evaluator.close()

    def carry_out(self) -> Checked:
        """Do all that was asked for."""
        host = self._settings.host
        if host is not None:
            host = self._evaluator.called(host)  # refused before anything takes time
        self._progress(Stage(name="read", subject=self._settings.target))
        summary = summarise(self._source, self._cache)
        ignores = Ignores(summary.comments, self._source.text)
        baseline = choose_baseline(
            self._evaluator,
            self._opened.plugin,
            asked=self._settings.baseline,
            project=self._opened.project,
            keeps=self._keeps,
            progress=self._progress,
        )
        found = self._on_host(host, baseline, summary, ignores)
        if self._settings.window or host is None:
            found = replace(found, window=self._window(baseline, ignores))
        return Checked(plugin=self._opened.plugin, problems=self._opened.problems, check=found)

    def _on_host(
        self, host: str | None, baseline: Baseline, summary: Summary, ignores: Ignores
    ) -> Check:
        """Check the host; without one, only the baseline itself is looked at."""
        unread = tuple(map(_unread, summary.skipped))
        about = host or baseline.host
        result, before = self._answers(baseline.host, about)
        divided = subtract(result.findings, before)
        new, taken = ignores.divide(filter(self._keeps, divided.new))
        standing, hidden = ignores.divide(filter(self._keeps, divided.standing))
        suppressed = sorted_findings((*taken, *hidden))
        if host is not None and baseline.host is not None:
            self._progress(Stage(name="since", subject=host))
            new = with_since(
                self._evaluator,
                new,
                baseline=baseline.host,
                host=host,
                modules={file.path: file.module for file in self._opened.tree.files},
            )
        own = (*unread, *self._unused(ignores, suppressed))
        findings = sorted_findings((*(new if host else ()), *filter(self._keeps, own)))
        return Check(
            host=host,
            baseline=baseline,
            findings=findings,
            standing=standing,
            suppressed=suppressed,
            skipped=summary.skipped,
            files=summary.files,
            unreached=result.unreached,
            uses=summary.uses,
            root=self._opened.plugin.location
            if self._opened.plugin.origin == Origin.SOURCE
            else "",
            selection=self._settings.selection,
            rules=self._pages_of((*findings, *standing, *suppressed)),
        )

    def _answers(
        self, baseline: str | None, host: str | None
    ) -> tuple[PairResult, tuple[Finding, ...]]:
        """What is found on the host, and what on the baseline."""
        if host is None:
            return PairResult(findings=(), unreached=()), ()
        self._progress(Stage(name="host", subject=host))
        pairs = [pair_of(baseline, host)]
        if baseline is not None:
            pairs.append(Pair(old=None, new=baseline))
        result, *before = self._evaluator.answers(pairs)
        return result, before[0].findings if before else ()

    def _unused(self, ignores: Ignores, taken: Sequence[Finding]) -> tuple[Finding, ...]:
        if self._settings.host is None:
            return ()  # what a comment is for may be found on any of the releases
        selection = self._settings.selection
        return ignores.unused(
            taken,
            judged=lambda rule: is_selected(rule, selection),
            ids=[page.id for page in self._pages],
        )

    def _window(self, baseline: Baseline, ignores: Ignores) -> tuple[WindowLine, ...]:
        def counts(finding: Finding) -> bool:
            return self._keeps(finding) and bool(ignores.divide([finding])[0])

        return tuple(
            window_lines(self._evaluator, baseline.host, keeps=counts, progress=self._progress)
        )

    def _pages_of(self, findings: Iterable[Finding]) -> tuple[RulePage, ...]:
        found = {finding.rule for finding in findings}
        return tuple(page for page in self._pages if page.id in found)


def _unread(skipped: Skipped) -> Finding:
    return Finding(
        rule=SKIPPED.id,
        severity=SKIPPED.severity,
        where=Location(path=skipped.path, line=1),
        symbol="",
        subject=skipped.path,
        detail=skipped.kind,
        plugin_side=f"cannot be read: {skipped.detail}",
        host_side="nothing was compared with it",
    )
