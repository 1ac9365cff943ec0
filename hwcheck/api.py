"""What hwcheck does, as functions: the command line is one of their users."""

import shlex
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING

from hwcheck.analyse.request import Checked, CheckSettings, Progress, Stage
from hwcheck.errors import DiscoveryError
from hwcheck.hooks import Suite
from hwcheck.hosts.compare import Change
from hwcheck.model.contract import Contract
from hwcheck.model.outcome import Outcome
from hwcheck.model.record import RecordLine
from hwcheck.model.rule import RulePage
from hwcheck.model.run import Environment, Run
from hwcheck.observe.conditions import Conditions
from hwcheck.observe.following import StepNews
from hwcheck.observe.target import Target, find_target
from hwcheck.registry import Registry
from hwcheck.run.assemble import assemble
from hwcheck.run.contracts import contracts_of
from hwcheck.run.reruns import with_reruns
from hwcheck.run.suite import SuiteRequest, run_suite
from hwcheck.run.unfinished import Kept, asked_of, forget, keeping
from hwcheck.run.uninstalled import explain_uninstalled
from hwcheck.waivers.apply import WaiverBook

if TYPE_CHECKING:
    # The matrix brings the whole analysis with it, which a conformance run does without.
    from hwcheck.matrix.build import BuildSettings, Built

__all__ = [
    "CheckSettings",
    "Checked",
    "Progress",
    "RunSettings",
    "Stage",
    "build_matrix",
    "conformance_run",
    "host_changes",
    "known_contracts",
    "known_rules",
    "static_check",
]


@dataclass(frozen=True, slots=True, kw_only=True)
class RunSettings:
    """What a conformance run is asked for."""

    target: str
    """An installed plugin, by entry point or distribution."""
    conditions: Conditions = field(default_factory=Conditions)
    extra_arguments: tuple[str, ...] = ()
    """For the command that repeats the run."""
    waivers: WaiverBook | None = None
    reruns: int = 0
    """How often a failed contract is examined again."""
    output: Path | None = None
    """A folder in which what is found is kept while the run goes on; ``None`` for nowhere."""
    resume: bool = False
    """Whether the run goes on that was cut off there."""


def conformance_run(
    settings: RunSettings,
    registry: Registry,
    *,
    directory: Path,
    environment: Mapping[str, str],
    machine: Environment,
    started: str,
    clock: Callable[[], float],
    begin: Callable[[Target], None],
    follow: Callable[[RecordLine], None],
    say: Callable[[str], None] = lambda text: None,
    look: Callable[[Sequence[StepNews]], None] = lambda news: None,
) -> Run:
    """Run the suites on an installed plugin and fold what they recorded.

    `directory` receives the working files; `begin` is told what was found before anything is
    started, `follow` each line of the record as it comes, `look` twice a second which steps the
    children have begun and ended, `say` what is done again. An interruption gives an incomplete
    run.

    With an `output`, what is found is kept there until the run is complete, so that a run that is
    cut off can be continued with `resume`.

    Raises DiscoveryError, HostError, UsageError: before anything is started. RunError: the suite
    did not start. ExtensionError: an extension is wrong.
    """
    target = _found(settings)
    begin(target)
    start = clock()
    with _kept(settings, target, environment, started) as kept:
        conditions = replace(settings.conditions, kept=None if kept is None else kept.folder)
        request = SuiteRequest(
            packages=tuple(suite.package for suite in _built_in_first(registry)),
            platform=settings.target,
            conditions=conditions,
            directory=directory,
            environment=environment,
        )
        end = run_suite(request, follow, look)
        # What is examined again may take nothing from what is kept of the first time.
        fresh = replace(request, conditions=settings.conditions)
        run = assemble(
            with_reruns(end, fresh, settings.reruns, say),
            capabilities=registry.capabilities(),
            environment=machine,
            started=started,
            seconds=clock() - start,
            selection=conditions.contracts,
            command=shlex.join(["hwcheck", "run", settings.target, *settings.extra_arguments]),
            waivers=settings.waivers,
            resumed=() if kept is None else kept.earlier,
        )
        if kept is not None and run.complete:
            forget(kept)
    hidden = str(directory.resolve())
    run = replace(run, outcomes=tuple(_without(hidden, outcome) for outcome in run.outcomes))
    registry.announce_finished(run)
    return run


def static_check(
    settings: CheckSettings,
    registry: Registry,
    *,
    environment: Mapping[str, str],
    progress: Progress,
) -> Checked:
    """Hold the source of a plugin against one vLLM or all known releases, without importing it.

    `progress` is told every stage, and in the window each release as soon as it is done;
    `environment` is what a download of the target is started with.

    Raises DiscoveryError, SourceError, UsageError: the target, or an id that is selected.
    HostError: no such host. ExtensionError: an extension is wrong.
    """
    # Imported here: the analysis is many modules, which a conformance run does without.
    from hwcheck.analyse.check import check
    from hwcheck.analyse.rule_book import RuleBook
    from hwcheck.analyse.shelf import KnownHosts
    from hwcheck.hosts.cache import ContentCache

    cache = ContentCache(settings.cache)
    return check(
        settings,
        RuleBook(registry, cache),
        KnownHosts(cache),
        environment=environment,
        progress=progress,
    )


def build_matrix(
    settings: "BuildSettings",
    registry: Registry,
    *,
    cache: Path | None,
    processes: int,
    environment: Mapping[str, str],
    progress: Progress,
) -> "Built":
    """Fold plugins and runs into a matrix and its files, without writing them.

    `progress` is told of each release before it is looked at, in the stage ``matrix``.

    Raises UsageError: the history of the folder cannot be continued. ExtensionError: an extension
    is wrong.
    """
    # Imported here: the analysis is many modules, which a conformance run does without.
    from hwcheck.analyse.rule_book import RuleBook
    from hwcheck.analyse.shelf import KnownHosts
    from hwcheck.hosts.cache import ContentCache
    from hwcheck.matrix.build import build
    from hwcheck.matrix.rows import make_surveyor, with_readable_sources

    kept = ContentCache(cache)
    shelf = KnownHosts(kept)
    specification, problems = with_readable_sources(settings.specification, shelf)
    look = make_surveyor(
        RuleBook(registry, kept),
        shelf,
        hosts=specification.hosts,
        builds=specification.sources,
        cache=cache,
        processes=processes,
        environment=environment,
        progress=progress,
    )
    return build(
        replace(settings, specification=specification),
        look,
        capabilities=registry.capabilities(),
        problems=problems,
        progress=progress,
    )


def host_changes(
    before: str,
    after: str,
    *,
    target: str | None,
    cache: Path | None,
    environment: Mapping[str, str],
) -> tuple[Change, ...]:
    """Find what changed from one host to another, with a target what of it that plugin uses.

    Raises HostError: no such host. DiscoveryError, SourceError: the target cannot be read.
    """
    # Imported here: the analysis is many modules, which a conformance run does without.
    from hwcheck.analyse.host_changes import changes_for
    from hwcheck.hosts.cache import ContentCache
    from hwcheck.hosts.compare import compare_hosts
    from hwcheck.hosts.open_host import open_host

    old, new = (open_host(word, cache=ContentCache(cache)) for word in (before, after))
    if target is None:
        return compare_hosts(old, new)
    return changes_for(
        target, old, new, cache=cache, environment=environment, progress=lambda stage: None
    )


def known_contracts(registry: Registry, environment: Mapping[str, str]) -> tuple[Contract, ...]:
    """Ask all suites for their contracts.

    Raises RunError: a suite cannot tell them. ExtensionError: an extension is wrong.
    """
    return contracts_of(_built_in_first(registry), environment)


def known_rules(registry: Registry) -> tuple[RulePage, ...]:
    """Give the pages of all static rules, by id.

    Raises ExtensionError: an extension is wrong.
    """
    # Imported here: the rules are many modules, which a conformance run does without.
    from hwcheck.analyse.rule_set import pages, rule_set

    return pages(rule_set(registry))


@contextmanager
def _kept(
    settings: RunSettings, target: Target, environment: Mapping[str, str], started: str
) -> Iterator[Kept | None]:
    """Keep what is found, where a folder for it is named."""
    if settings.output is None:
        yield None
        return
    asked = asked_of(target, settings.conditions, settings.extra_arguments, environment)
    with keeping(settings.output, asked, started, resume=settings.resume) as kept:
        yield kept


def _found(settings: RunSettings) -> Target:
    try:
        return find_target(settings.target, settings.conditions.python)
    except DiscoveryError:
        explanation = explain_uninstalled(settings.target, settings.conditions.python)
        if explanation is None:
            raise
        raise DiscoveryError(explanation) from None


def _built_in_first(registry: Registry) -> Sequence[Suite]:
    return sorted(registry.suites(), key=lambda suite: (suite.name != "hwcheck", suite.name))


def _without(folder: str, outcome: Outcome) -> Outcome:
    """The outcome without the name of the working folder, which differs from run to run."""
    return replace(
        outcome,
        reason=outcome.reason and outcome.reason.replace(folder, "$WORK"),
        tail=outcome.tail and outcome.tail.replace(folder, "$WORK"),
    )
