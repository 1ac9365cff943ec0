"""Plugins among the installed distributions."""

import os
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from importlib_metadata import distributions

from hwcheck.discover.metadata import (
    Distribution,
    UnreadableMemberError,
    declared_name,
    identify,
    metadata_folder,
    read_distribution,
    read_member,
    ships_host,
)
from hwcheck.model.host_names import names_host, normalise
from hwcheck.model.plugin import Discovery, Origin, Plugin, Problem, ProblemKind

__all__ = ["discover_installed"]

_EDITABLE = re.compile(r'"editable"\s*:\s*true')


@dataclass(frozen=True, slots=True, kw_only=True)
class _Found:
    """One distribution on the path."""

    distribution: Distribution
    folder: str
    plugin: Plugin | None
    problems: tuple[Problem, ...]


def discover_installed(path: Sequence[str] | None = None) -> Discovery:
    """Find the plugins on a path, by default on Python's own; vLLM's own plugins are left out.

    Of a distribution that is there twice the first counts, as it does for vLLM.
    """
    kept: dict[str, _Found] = {}
    problems: list[Problem] = []
    for distribution in distributions() if path is None else distributions(path=list(path)):
        folder = metadata_folder(distribution)
        key = _key(distribution, folder)
        if names_host(key):
            continue
        found = _read(distribution, folder)
        if key not in kept:
            kept[key] = found
        elif duplicate := _judge_duplicate(key, kept[key], found):
            problems.append(duplicate)
    plugins = [item.plugin for item in kept.values() if item.plugin is not None]
    for item in kept.values():
        problems.extend(item.problems)
    problems.extend(_shared_names(plugins))
    return Discovery(
        plugins=tuple(sorted(plugins, key=lambda item: (normalise(item.name), item.location))),
        problems=tuple(sorted(set(problems))),
    )


def _key(distribution: Distribution, folder: str) -> str:
    identity = identify(folder)
    if identity is not None:
        return normalise(identity.name)
    # An egg, or a distribution that is not in files: only the metadata has the name.
    return normalise(declared_name(distribution) or folder)


def _read(distribution: Distribution, folder: str) -> _Found:
    location = str(distribution.locate_file(""))
    plugin, entries, problems = read_distribution(
        distribution, origin=Origin.INSTALLED, location=location
    )
    if any(entry.concerns_host for entry in entries) and ships_host(distribution):
        plugin, problems = None, ()  # a build of vLLM under a name that is not known
    if plugin is not None and Path(folder).name.startswith("~"):
        problems = (_leftover(plugin, folder),)
        plugin = None
    return _Found(distribution=distribution, folder=folder, plugin=plugin, problems=problems)


def _leftover(plugin: Plugin, folder: str) -> Problem:
    return Problem(
        kind=ProblemKind.BROKEN_METADATA,
        subject=normalise(plugin.name),
        detail=f"pip left a half-removed installation, which vLLM still reads ({folder})",
        remedy=f"delete {folder!r}",
    )


def _judge_duplicate(key: str, first: _Found, second: _Found) -> Problem | None:
    if first.plugin is None and second.plugin is None:
        return None
    # One folder is often on the path under two names: lib and lib64, or twice in PYTHONPATH.
    if os.path.realpath(first.folder) == os.path.realpath(second.folder):
        return None
    if _is_editable(first) and _same_declaration(first.plugin, second.plugin):
        return None
    return Problem(
        kind=ProblemKind.DUPLICATE_DISTRIBUTION,
        subject=key,
        detail=f"it is on the path twice; {_describe(first)} counts, {_describe(second)} does not",
        remedy="uninstall one of the two, or take its folder off the path",
    )


def _is_editable(found: _Found) -> bool:
    # An editable installation can show its source tree's egg-info beside its own metadata.
    try:
        text = read_member(found.distribution, "direct_url.json")
    except UnreadableMemberError:
        return False
    return text is not None and _EDITABLE.search(text) is not None


def _same_declaration(first: Plugin | None, second: Plugin | None) -> bool:
    return (
        first is not None
        and second is not None
        and set(first.entry_points) == set(second.entry_points)
    )


def _describe(found: _Found) -> str:
    identity = identify(found.folder)
    version = identity.version if identity else None
    return f"{version or 'the one'} in {found.distribution.locate_file('')!s}"


def _shared_names(plugins: Iterable[Plugin]) -> Iterable[Problem]:
    owners: dict[str, list[str]] = {}
    for plugin in plugins:
        for point in plugin.entry_points:
            owners.setdefault(point.id, []).append(plugin.name)
    for point_id, names in owners.items():
        if len(names) > 1:
            yield Problem(
                kind=ProblemKind.DUPLICATE_NAME,
                subject=point_id,
                detail=f"it is declared by {' and by '.join(sorted(names))}; vLLM uses only one",
                remedy="uninstall all but one of them, or have the entry point renamed",
            )
