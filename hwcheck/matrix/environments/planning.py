"""From a specification to jobs: which release of which plugin, under which vLLM and torch."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from itertools import product
from pathlib import Path

from packaging.requirements import InvalidRequirement, Requirement
from packaging.utils import canonicalize_name

from hwcheck.discover.fetch import fetch_wheel, is_pinned
from hwcheck.discover.lookup import discover_target
from hwcheck.errors import DiscoveryError, UsageError
from hwcheck.matrix.environment_settings import HostBuild
from hwcheck.matrix.environments.job import Job
from hwcheck.matrix.specification import PluginEntry, Specification
from hwcheck.model.matrix import MatrixProblem
from hwcheck.model.plugin import Group, Plugin

__all__ = ["Wanted", "Wheels", "fetching", "make_jobs", "wanted_runs"]

#: Never installed for a plugin's sake: the host brings its own.
_OF_THE_HOST = frozenset({"torch", "torchaudio", "torchcodec", "torchvision"})

Wheels = Callable[[str], Path]
"""Fetches ``NAME==VERSION``; raises DiscoveryError when it cannot."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """One run that a specification asks for."""

    entry: PluginEntry
    target: str
    host: str
    torch: str | None
    device: str | None
    """What a node of a cluster has to offer."""


def wanted_runs(specification: Specification) -> Iterator[Wanted]:
    """Tell the runs that a specification asks for, in its order."""
    for entry in specification.plugins:
        devices = (entry.running.resource,) if entry.running.resource else specification.devices
        for target, host, torch, device in product(
            entry.releases, entry.run_on, specification.environments.torch, devices or (None,)
        ):
            yield Wanted(entry=entry, target=target, host=host, torch=torch, device=device)


def make_jobs(
    specification: Specification, wheels: Wheels
) -> tuple[tuple[Job, ...], tuple[MatrixProblem, ...]]:
    """Make the jobs of a specification; a plugin that cannot be read becomes a problem."""
    jobs: list[Job] = []
    problems: dict[str, MatrixProblem] = {}
    for wanted in wanted_runs(specification):
        try:
            jobs.append(_job(specification, wanted, wheels))
        except UsageError as error:
            detail, _, remedy = str(error).partition("\n")
            problems.setdefault(
                wanted.target,
                MatrixProblem(subject=wanted.target, detail=detail, remedy=remedy.strip()),
            )
    return tuple(jobs), tuple(problems.values())


def _job(specification: Specification, wanted: Wanted, wheels: Wheels) -> Job:
    running, settings = wanted.entry.running, specification.environments
    build = next((item for item in specification.builds if item.name == wanted.host), None)
    # An interpreter that holds everything already is asked for the plugin by its name.
    exists = build is not None and build.python is not None
    target = specification.target(wanted.target)
    plugin, install = (None, "") if exists and _is_name(target) else _plugin(target, wheels)
    return Job(
        plugin=plugin.name if plugin else target,
        version=(plugin.version or "" if plugin else "") or "installed",
        entry=running.entry or (_entry_of(plugin) if plugin else target),
        host=wanted.host,
        torch=None if exists else wanted.torch,
        device=wanted.device,
        requirements=() if exists else tuple(_requirements(specification, wanted, build, plugin)),
        plugin_install="" if exists else install,
        removed=settings.remove,
        python=build.python if build else None,
        base_python=settings.python,
        options=(*_profiles(specification), *running.options, *_passed(running.variables)),
        variables=running.variables,
    )


def _is_name(target: str) -> bool:
    return not is_pinned(target) and not Path(target).exists()


def _plugin(target: str, wheels: Wheels) -> tuple[Plugin, str]:
    place = str(wheels(target)) if is_pinned(target) and not Path(target).exists() else target
    if _is_name(place):
        raise UsageError(
            f"{target!r} is the name of an installed plugin, which no new environment has\n"
            "  name a wheel, a source tree or NAME==VERSION"
        )
    found = discover_target(place)
    if len(found.plugins) != 1:
        raise DiscoveryError(f"{target!r} holds {len(found.plugins)} plugins\n  name one with one")
    return found.plugins[0], str(Path(place).absolute())


def _entry_of(plugin: Plugin) -> str:
    for group in (Group.PLATFORM, Group.GENERAL):
        for point in plugin.entry_points:
            if point.group is group:
                return point.name
    return plugin.name


def _requirements(
    specification: Specification,
    wanted: Wanted,
    build: HostBuild | None,
    plugin: Plugin | None,
) -> Iterator[str]:
    if wanted.torch is not None:
        yield f"torch=={wanted.torch}"
    if build is not None:
        yield from build.install
    else:
        lines = specification.environments.host
        yield from (line.replace("{host}", wanted.host) for line in lines)
    given = wanted.entry.running.requirements
    yield from _own_requirements(plugin) if given is None and plugin else given or ()


def _own_requirements(plugin: Plugin) -> Iterator[str]:
    """What a plugin requires besides the host and what comes with that."""
    for text in plugin.requirements:
        if text in plugin.host_requirements:
            continue
        try:
            item = Requirement(text)
        except InvalidRequirement:
            continue
        if canonicalize_name(item.name) not in _OF_THE_HOST:
            yield text


def _profiles(specification: Specification) -> Iterator[str]:
    for profile in specification.profiles:
        yield from ("--profile", str(profile))


def _passed(variables: tuple[tuple[str, str], ...]) -> Iterator[str]:
    for name, _ in variables:
        yield from ("--pass-env", name)


def fetching(folder: Path, environment: Mapping[str, str]) -> Wheels:
    """Make what fetches wheels into a folder that keeps them."""
    return lambda target: fetch_wheel(target, folder, environment)
