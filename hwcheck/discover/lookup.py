"""From the words of a user to plugins: a target read, a plugin picked by its name."""

from collections.abc import Iterable
from difflib import get_close_matches
from pathlib import Path

from hwcheck.discover.installed import discover_installed
from hwcheck.errors import DiscoveryError
from hwcheck.model.host_names import names_host, normalise
from hwcheck.model.plugin import Discovery, Group, Plugin, Problem

__all__ = ["concerning", "discover_target", "find_plugin", "is_known"]


def find_plugin(discovery: Discovery, name: str) -> Plugin:
    """Pick a plugin: by a platform entry point's name, its own name, a general entry point's name.

    Raises DiscoveryError: there is none of that name, or several.
    """
    for chosen in (
        _with_point(discovery.plugins, Group.PLATFORM, name),
        [item for item in discovery.plugins if normalise(item.name) == normalise(name)],
        _with_point(discovery.plugins, Group.GENERAL, name),
    ):
        if len(chosen) == 1:
            return chosen[0]
        if chosen:
            raise DiscoveryError(_explain_several(chosen, name))
    raise DiscoveryError(_explain_unknown(discovery, name))


def discover_target(target: str) -> Discovery:
    """Read what a target names: a wheel, a source tree, or one installed plugin.

    Raises DiscoveryError: nothing can be read from it.
    """
    path = Path(target)
    if path.suffix == ".whl" or path.is_file():
        # Imported here, as below: most calls are about installed plugins and read no archive.
        from hwcheck.discover.wheel import discover_wheel

        return discover_wheel(target)
    installed = discover_installed()
    if path.is_dir() and not _means_installed(installed, target):
        return _discover_folder(path, target)
    if "==" in target:
        raise DiscoveryError(_explain_pinned(target))
    if _looks_like_path(target):
        raise DiscoveryError(
            f"there is nothing at {target!r}\n  check the path, or give the name of a plugin"
        )
    plugin = find_plugin(installed, target)
    return Discovery(plugins=(plugin,), problems=concerning(installed, plugin))


def is_known(discovery: Discovery, name: str) -> bool:
    """Whether a plugin or an entry point of that name was found, however it is spelt."""
    return any(
        normalise(word) == normalise(name)
        for plugin in discovery.plugins
        for word in _names(plugin)
    )


def concerning(discovery: Discovery, plugin: Plugin) -> tuple[Problem, ...]:
    """Select the problems of a plugin and of its entry points."""
    subjects = {normalise(plugin.name), *(point.id for point in plugin.entry_points)}
    return tuple(
        item
        for item in discovery.problems
        if item.subject in subjects or normalise(item.subject) in subjects
    )


def _discover_folder(path: Path, target: str) -> Discovery:
    from hwcheck.discover.source import PROJECT_FILES, discover_source

    # An unpacked wheel, or what `pip install --target` fills, has metadata and no project file.
    if not any((path / name).is_file() for name in PROJECT_FILES):
        unpacked = discover_installed([target])
        if unpacked.plugins or unpacked.problems:
            return unpacked
    return discover_source(target)


def _with_point(plugins: Iterable[Plugin], group: Group, name: str) -> list[Plugin]:
    return [
        plugin for plugin in plugins if any(point.name == name for point in plugin.of_group(group))
    ]


def _explain_several(chosen: Iterable[Plugin], name: str) -> str:
    owners = sorted(f"{plugin.name} in '{plugin.location}'" for plugin in chosen)
    return (
        f"several plugins answer to {name!r}"
        f"\n  found: {', '.join(owners)}\n  name one by its distribution, or uninstall the others"
    )


def _explain_unknown(discovery: Discovery, name: str) -> str:
    if names_host(name):
        return f"{name!r} is vLLM itself, not a plugin\n  {_explain_present(discovery)}"
    lines = [f"no plugin {name!r}", f"  {_explain_present(discovery)}"]
    names = {word.lower(): word for plugin in discovery.plugins for word in _names(plugin)}
    near = get_close_matches(name.lower(), sorted(names), n=3)
    if near:
        lines.append(f"  nearest: {', '.join(names[word] for word in near)}")
    else:
        lines.append("  install the plugin here, or name its wheel file or source tree")
    lines.extend(f"  problem: {item.subject}: {item.detail}" for item in discovery.problems)
    return "\n".join(lines)


def _explain_present(discovery: Discovery) -> str:
    return "found: " + (
        ", ".join(
            f"{plugin.name} ({', '.join(point.name for point in plugin.entry_points)})"
            for plugin in discovery.plugins
        )
        or "no plugins at all"
    )


def _names(plugin: Plugin) -> tuple[str, ...]:
    return (plugin.name, *(point.name for point in plugin.entry_points))


def _explain_pinned(target: str) -> str:
    return (
        f"{target!r} would have to be fetched, which only `hwcheck check` does"
        f"\n  install it here, or download its wheel with `pip download --no-deps {target}`"
        " and name the file"
    )


def _means_installed(installed: Discovery, target: str) -> bool:
    # A vendor's repository has a folder of the plugin's own name; `./name` still means it.
    return not _has_separator(target) and is_known(installed, target)


def _looks_like_path(target: str) -> bool:
    return _has_separator(target) or target.startswith((".", "~")) or "." in Path(target).suffix


def _has_separator(target: str) -> bool:
    return "/" in target or "\\" in target
