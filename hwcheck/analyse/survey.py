"""The survey of one plugin: what is new on each of many releases, all findings of it."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass

from hwcheck.analyse.baseline import choose_baseline
from hwcheck.analyse.difference import subtract
from hwcheck.analyse.evaluate import Evaluator
from hwcheck.analyse.ignores import Ignores
from hwcheck.analyse.pairs import HostShelf, Pair, RuleSource
from hwcheck.analyse.plugin_code import PluginSource
from hwcheck.analyse.request import CheckSettings, Progress, Stage
from hwcheck.analyse.selection import keeper
from hwcheck.analyse.summary import summarise
from hwcheck.analyse.target import Opened, open_target
from hwcheck.analyse.window import pair_of
from hwcheck.hosts.cache import ContentCache
from hwcheck.hosts.pool import without_collection
from hwcheck.model.check import Baseline, Skipped
from hwcheck.model.finding import Finding
from hwcheck.model.plugin import Plugin, Problem

__all__ = ["Survey", "SurveyLine", "survey"]


@dataclass(frozen=True, slots=True, kw_only=True)
class SurveyLine:
    """One release, and what of it is wrong for the plugin and was not on the baseline."""

    host: str
    findings: tuple[Finding, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Survey:
    """A plugin held against many releases."""

    plugin: Plugin
    problems: tuple[Problem, ...]
    baseline: Baseline
    lines: tuple[SurveyLine, ...]
    """Of known releases, oldest first."""
    files: int
    uses: int
    skipped: tuple[Skipped, ...]
    built: str | None = None
    """The day on which the wheel was built, where that tells it."""
    builds: tuple[SurveyLine, ...] = ()
    """Of what else it was held against, by the names that were given."""


def survey(
    settings: CheckSettings,
    rules: RuleSource,
    shelf: HostShelf,
    *,
    hosts: Sequence[str],
    builds: Mapping[str, str] | None = None,
    environment: Mapping[str, str],
    progress: Progress,
) -> Survey:
    """Hold a plugin against `hosts`, seen from the release that it was made for.

    The known releases between them are looked at too, else nothing would tell which of them was
    the first to break something. `builds` are hosts that are no releases: what a shelf opens, by
    the names that they are to have.

    Raises DiscoveryError, SourceError, UsageError: the target. HostError: no such host.
    """
    with without_collection():
        opened = open_target(
            settings.target, cache=settings.cache, environment=environment, progress=progress
        )
        with opened.tree:
            cache = ContentCache(settings.cache)
            source = PluginSource(opened, cache=cache, processes=settings.processes)
            evaluator = Evaluator(
                source,
                rules,
                shelf,
                gates=settings.gates,
                cache=cache,
                processes=settings.processes,
            )
            with closing(evaluator):
                return _surveyed(
                    settings,
                    opened,
                    source,
                    evaluator,
                    hosts=hosts,
                    builds=builds or {},
                    progress=progress,
                )


def _surveyed(
    settings: CheckSettings,
    opened: Opened,
    source: PluginSource,
    evaluator: Evaluator,
    *,
    hosts: Sequence[str],
    builds: Mapping[str, str],
    progress: Progress,
) -> Survey:
    summary = summarise(source, ContentCache(settings.cache))
    baseline = choose_baseline(
        evaluator,
        opened.plugin,
        asked=settings.baseline,
        project=opened.project,
        keeps=keeper(settings.selection),
        progress=progress,
    )
    ignores = Ignores(summary.comments, source.text)
    releases = _filled(evaluator.shelf.known(), hosts, baseline.host)
    lines = tuple(
        _lines(
            settings,
            evaluator,
            baseline.host,
            ignores,
            hosts={**dict(zip(releases, releases, strict=True)), **builds},
            progress=progress,
        )
    )
    return Survey(
        plugin=opened.plugin,
        problems=opened.problems,
        baseline=baseline,
        lines=lines[: len(releases)],
        builds=lines[len(releases) :],
        files=summary.files,
        uses=summary.uses,
        skipped=summary.skipped,
        built=opened.built,
    )


def _filled(known: Sequence[str], hosts: Sequence[str], baseline: str | None) -> tuple[str, ...]:
    """All known releases from the oldest to the newest of those that are named."""
    places = [known.index(host) for host in {*hosts, baseline} if host in known]
    return tuple(known[min(places) : max(places) + 1]) if places else ()


def _lines(
    settings: CheckSettings,
    evaluator: Evaluator,
    baseline: str | None,
    ignores: Ignores,
    *,
    hosts: Mapping[str, str],
    progress: Progress,
) -> Iterator[SurveyLine]:
    keeps = keeper(settings.selection)
    before: tuple[Finding, ...] = ()
    if baseline is not None:
        before = evaluator.answer(Pair(old=None, new=baseline)).findings
    answers = evaluator.answers([pair_of(baseline, word) for word in hosts.values()])
    for number, (host, answer) in enumerate(zip(hosts, answers, strict=True), start=1):
        new = filter(keeps, subtract(answer.findings, before).new)
        progress(Stage(name="window", done=number, total=len(hosts), subject=host))
        yield SurveyLine(host=host, findings=ignores.divide(new)[0])
