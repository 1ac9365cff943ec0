"""The rows of a matrix: every release surveyed, so that one that fails harms no other."""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from hwcheck.analyse.pairs import HostShelf, RuleSource
from hwcheck.analyse.request import DEFAULT_GATES, CheckSettings, Progress, Stage
from hwcheck.analyse.survey import Survey, survey
from hwcheck.discover.fetch import is_pinned
from hwcheck.errors import HostError, HwcheckError
from hwcheck.matrix.assemble import Row
from hwcheck.matrix.specification import PluginEntry, Specification
from hwcheck.matrix.statics import StaticSide, static_side, unreadable_side
from hwcheck.matrix.versions import version_key
from hwcheck.model.host_names import normalise
from hwcheck.model.matrix import MatrixProblem
from hwcheck.model.plugin import Origin

__all__ = ["Surveyor", "make_rows", "make_surveyor", "with_readable_sources"]

#: Surveys one target, seen from the release that it was made for (the second, where it is told).
Surveyor = Callable[[str, str | None, tuple[str, ...]], Survey]

_WHEEL = re.compile(r"(?P<name>[^-]+)-(?P<version>[^-]+)-.+\.whl")


@dataclass(frozen=True, slots=True, kw_only=True)
class _Release:
    side: StaticSide
    distribution: str
    problems: tuple[MatrixProblem, ...]


def make_surveyor(
    rules: RuleSource,
    shelf: HostShelf,
    *,
    hosts: Sequence[str],
    builds: Mapping[str, str],
    cache: Path | None,
    processes: int,
    environment: Mapping[str, str],
    progress: Progress,
) -> Surveyor:
    """Make what surveys releases through the static analysis."""

    def look(target: str, baseline: str | None, gates: tuple[str, ...]) -> Survey:
        return survey(
            CheckSettings(
                target=target,
                baseline=baseline,
                gates=(*DEFAULT_GATES, *gates),
                cache=cache,
                processes=processes,
            ),
            rules,
            shelf,
            hosts=hosts,
            builds=builds,
            environment=environment,
            progress=progress,
        )

    return look


def with_readable_sources(
    specification: Specification, shelf: HostShelf
) -> tuple[Specification, tuple[MatrixProblem, ...]]:
    """Leave out the sources of builds that cannot be read, and tell which."""
    problems = []
    for name, source in specification.sources.items():
        detail, remedy = _fault_of_source(source, shelf)
        if detail:
            told = f"cannot read its source: {detail}"
            problems.append(MatrixProblem(subject=name, detail=told, remedy=remedy))
    unread = {problem.subject for problem in problems}
    builds = (
        replace(build, source=None) if build.name in unread else build
        for build in specification.builds
    )
    return replace(specification, builds=tuple(builds)), tuple(problems)


def _fault_of_source(source: str, shelf: HostShelf) -> tuple[str, str]:
    if not Path(source).exists():
        return f"there is no {source!r}", "name a source tree, a wheel or an installed package"
    try:
        shelf.digest(source)
    except HostError as error:
        return _told(error)
    return "", ""


def make_rows(
    specification: Specification, look: Surveyor, progress: Progress
) -> tuple[tuple[Row, ...], tuple[MatrixProblem, ...]]:
    """Survey all releases, in the order of the specification; rows of one name are put together."""
    total = sum(len(entry.releases) for entry in specification.plugins)
    found: dict[str, list[tuple[PluginEntry, _Release]]] = {}
    problems: list[MatrixProblem] = []
    done = 0
    for entry in specification.plugins:
        for target in entry.releases:
            progress(Stage(name="matrix", subject=target, done=done, total=total))
            release = _release(specification, entry, target, look)
            name = entry.name or release.distribution
            found.setdefault(name, []).append((entry, release))
            problems += release.problems
            done += 1
    return tuple(_row(name, items, problems) for name, items in found.items()), tuple(problems)


def _row(
    name: str, items: Sequence[tuple[PluginEntry, _Release]], problems: list[MatrixProblem]
) -> Row:
    entries = tuple({id(entry): entry for entry, _ in items}.values())
    sides: dict[str, StaticSide] = {}
    for _, release in items:
        version = release.side.release.version
        if version in sides:
            problems.append(_twice(name, sides[version], release.side))
        else:
            sides[version] = release.side
    return Row(
        name=name,
        vendor=entries[0].vendor,
        device=entries[0].device,
        distributions=tuple(sorted({release.distribution for _, release in items})),
        sides=tuple(sides[version] for version in sorted(sides, key=version_key)),
        no_hardware=tuple(item for entry in entries for item in entry.no_hardware),
    )


def _release(
    specification: Specification, entry: PluginEntry, target: str, look: Surveyor
) -> _Release:
    subject = target if is_pinned(target) else Path(target).name or target
    try:
        found = look(specification.target(target), entry.baseline, entry.gates)
    except HwcheckError as error:
        told = str(error)
    except Exception as error:  # what one plugin's source brings down must not harm the others
        told = f"hwcheck failed on it: {type(error).__name__}: {error}"
    else:
        name = normalise(found.plugin.name)
        origin = "index" if is_pinned(target) else found.plugin.origin.value
        return _Release(
            side=static_side(
                found,
                entry.name or name,
                specification.hosts,
                subject=subject,
                origin=origin,
            ),
            distribution=name,
            problems=tuple(
                MatrixProblem(subject=subject, detail=item.detail, remedy=item.remedy)
                for item in found.problems
            ),
        )
    return _unreadable(specification, entry, target, subject, told)


def _unreadable(
    specification: Specification, entry: PluginEntry, target: str, subject: str, told: str
) -> _Release:
    name, version = _named(target)
    detail, remedy = _told(told)
    side = unreadable_side(
        entry.name or name,
        version,
        specification.columns,
        subject=subject,
        origin="index" if is_pinned(target) else _origin(target),
    )
    problem = MatrixProblem(subject=subject, detail=detail, remedy=remedy)
    return _Release(side=side, distribution=name, problems=(problem,))


def _told(error: object) -> tuple[str, str]:
    """What was found, and what to do about it."""
    detail, _, remedy = str(error).partition("\n")
    return detail, "; ".join(line.strip() for line in remedy.splitlines())


def _named(target: str) -> tuple[str, str]:
    """What the words of a target say of name and version."""
    if is_pinned(target):
        name, _, version = target.partition("==")
        return normalise(name.strip()), version.strip()
    wheel = _WHEEL.fullmatch(Path(target).name)
    if wheel is not None:
        return normalise(wheel["name"]), wheel["version"]
    return normalise(Path(target).name or target), ""


def _origin(target: str) -> str:
    return (Origin.WHEEL if target.endswith(".whl") else Origin.SOURCE).value


def _twice(name: str, first: StaticSide, second: StaticSide) -> MatrixProblem:
    return MatrixProblem(
        subject=second.release.subject,
        detail=f"is version {first.release.version!r} of {name!r},"
        f" which {first.release.subject!r} is already: only that is shown",
        remedy="give each release of a plugin a version of its own, or another name in the list",
    )
