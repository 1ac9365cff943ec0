"""From the words of a user to the source of one plugin, opened for reading."""

import re
from collections.abc import Collection, Mapping
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path, PurePosixPath
from tempfile import TemporaryDirectory

from importlib_metadata import PackageNotFoundError, distribution

from hwcheck.analyse.request import Progress, Stage
from hwcheck.discover.fetch import fetch_wheel, is_pinned
from hwcheck.discover.files import editable_tree
from hwcheck.discover.lookup import discover_target
from hwcheck.discover.wheel import day_built
from hwcheck.errors import DiscoveryError, SourceError
from hwcheck.model.plugin import Discovery, Group, Origin, Plugin, Problem, ProblemKind
from hwcheck.sources import SourceTree, open_sources

__all__ = ["Opened", "open_target"]

_NAMES_HOST = re.compile(rb"^[ \t]*(?:from|import)[ \t]+vllm\b", re.MULTILINE)


@dataclass(frozen=True, slots=True, kw_only=True)
class Opened:
    """A plugin and its Python files."""

    plugin: Plugin
    problems: tuple[Problem, ...]
    tree: SourceTree
    project: Path | None = None
    """The folder with the project files, for a source tree."""
    built: str | None = None
    """The day on which the wheel was built, where that tells it."""


def open_target(
    target: str, *, cache: Path | None, environment: Mapping[str, str], progress: Progress
) -> Opened:
    """Find, and if need be fetch, what a target names, and open its sources.

    Raises DiscoveryError: nothing can be read from it. SourceError: it holds no Python files, or
    far too many.
    """
    if not is_pinned(target) or Path(target).exists():
        return _open(target, target)
    progress(Stage(name="fetch", subject=target))
    if cache is not None:
        return _fetched(target, cache / "fetched", environment)
    with TemporaryDirectory(prefix="hwcheck-") as folder:
        # The open file stays readable when the folder goes.
        return _fetched(target, Path(folder), environment)


def _fetched(target: str, folder: Path, environment: Mapping[str, str]) -> Opened:
    wheel = fetch_wheel(target, folder, environment)
    try:
        opened = _open(str(wheel), wheel.name)
    except (DiscoveryError, SourceError) as error:
        # Where it was put is nobody's concern, and differs from machine to machine.
        raise type(error)(str(error).replace(str(wheel), wheel.name)) from error
    return replace(
        opened,
        plugin=replace(opened.plugin, location=wheel.name),
        problems=tuple(_named_so(item, str(wheel), wheel.name) for item in opened.problems),
    )


def _named_so(problem: Problem, place: str, name: str) -> Problem:
    """Name a file by its name alone wherever a problem tells its place."""
    return replace(
        problem,
        subject=problem.subject.replace(place, name),
        detail=problem.detail.replace(place, name),
        remedy=problem.remedy.replace(place, name),
    )


def _open(target: str, shown: str) -> Opened:
    try:
        discovery = discover_target(target)
    except DiscoveryError as error:
        undeclared = _open_undeclared(target, shown, ())
        if undeclared is None:
            raise DiscoveryError(str(error)) from error
        return undeclared
    if not discovery.plugins:
        undeclared = _open_undeclared(target, shown, discovery.problems)
        if undeclared is None:
            raise DiscoveryError(_explain_unreadable(shown, discovery.problems))
        return undeclared
    plugin = _single(discovery, shown)
    tree, project = _open_plugin(plugin)
    if not tree.files and not tree.skipped:
        tree.close()
        raise SourceError(f"{shown!r} holds no Python files of a plugin\n  found: {_holds(plugin)}")
    return Opened(
        plugin=plugin,
        problems=discovery.problems,
        tree=tree,
        project=project,
        built=day_built(plugin.location) if plugin.origin is Origin.WHEEL else None,
    )


def _single(discovery: Discovery, shown: str) -> Plugin:
    if len(discovery.plugins) > 1:
        names = ", ".join(sorted(plugin.name for plugin in discovery.plugins))
        raise DiscoveryError(f"{shown!r} holds several plugins\n  found: {names}\n  name one")
    return discovery.plugins[0]


def _open_plugin(plugin: Plugin) -> tuple[SourceTree, Path | None]:
    wanted = {point.module.partition(".")[0] for point in plugin.entry_points} - {""}
    match plugin.origin:
        case Origin.INSTALLED:
            tree = editable_tree(plugin.name)
            if tree is not None:
                return _with_tops(tree, wanted), tree
            return open_sources(plugin.location, tops=wanted | _recorded_tops(plugin)), None
        case Origin.WHEEL:
            return _with_tops(Path(plugin.location), wanted), None
        case Origin.SOURCE:
            return _with_tops(Path(plugin.location), wanted), Path(plugin.location)


def _with_tops(place: Path, wanted: Collection[str]) -> SourceTree:
    """Open what is shipped by convention, and also what entry points name."""
    tree = open_sources(place)
    found = {file.module.partition(".")[0] for file in tree.files}
    if found.issuperset(wanted):
        return tree
    tree.close()
    return open_sources(place, tops=found | set(wanted))


def _recorded_tops(plugin: Plugin) -> set[str]:
    try:
        files = distribution(plugin.name).files or ()
    except PackageNotFoundError:
        return set()
    return {
        file.parts[0].removesuffix(".py")
        for file in map(PurePosixPath, map(str, files))
        if file.suffix == ".py" and not file.parts[0].startswith(("..", "__editable__"))
    }


def _open_undeclared(target: str, shown: str, problems: tuple[Problem, ...]) -> Opened | None:
    """Open something that declares no plugin and yet imports vLLM; ``None`` when it does not."""
    place = Path(target)
    with suppress(SourceError):
        tree = open_sources(place)
        if any(_NAMES_HOST.search(tree.read(file)) for file in tree.files) and not any(
            file.module == "vllm" for file in tree.files
        ):
            name = place.name.partition("-")[0] if place.is_file() else place.resolve().name
            is_folder = place.is_dir()
            plugin = Plugin(
                name=name,
                version=None,
                origin=Origin.SOURCE if is_folder else Origin.WHEEL,
                location=shown,
                entry_points=(),
            )
            return Opened(
                plugin=plugin,
                problems=(*problems, _no_entry_points(name)),
                tree=tree,
                project=place if is_folder else None,
            )
        tree.close()
    return None


def _no_entry_points(name: str) -> Problem:
    return Problem(
        kind=ProblemKind.BAD_ENTRY_POINT,
        subject=name,
        detail="it declares no entry point for vLLM, so that nothing tells which code is reached",
        remedy=f"declare one in {' or '.join(map(repr, map(str, Group)))}, or name its project",
    )


def _explain_unreadable(shown: str, problems: Collection[Problem]) -> str:
    lines = [f"no plugin can be read from {shown!r}", *(f"  {item.detail}" for item in problems)]
    return "\n".join(lines)


def _holds(plugin: Plugin) -> str:
    return ", ".join(sorted(point.module for point in plugin.entry_points)) or "no entry points"
