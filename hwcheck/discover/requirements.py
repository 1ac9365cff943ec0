"""A plugin's requirements besides vLLM, held against what is installed."""

from collections.abc import Iterator, Sequence

from importlib_metadata import distributions
from packaging.requirements import InvalidRequirement, Requirement
from packaging.utils import canonicalize_name

from hwcheck.model.plugin import Plugin

__all__ = ["requirement_names", "unmet"]


def requirement_names(plugin: Plugin) -> tuple[str, ...]:
    """Name what the plugin requires here without extras, vLLM left out, sorted."""
    return tuple(sorted({canonicalize_name(item.name) for item in _requirements(plugin)}))


def unmet(plugin: Plugin, name: str, path: Sequence[str]) -> str | None:
    """Say what is wrong with one requirement in an environment, ``None`` when it is met."""
    wanted = [item for item in _requirements(plugin) if canonicalize_name(item.name) == name]
    asked = " and ".join(str(item) for item in wanted)
    found = next(iter(distributions(name=name, path=list(path))), None)
    if found is None:
        return f"{asked} is required and {name!r} is not installed"
    try:
        version = str(found.version)
    # What was cut off while it was installed has a folder and no metadata in it.
    except (OSError, KeyError, TypeError, AttributeError):
        return f"{asked} is required and what is installed of {name!r} has no metadata"
    if all(item.specifier.contains(version, prereleases=True) for item in wanted):
        return None
    return f"{asked} is required and {name} {version} is installed"


def _requirements(plugin: Plugin) -> Iterator[Requirement]:
    for text in plugin.requirements:
        if text in plugin.host_requirements:
            continue
        try:
            item = Requirement(text)
        except InvalidRequirement:
            # Reported as broken metadata where it was read.
            continue
        if item.marker is None or item.marker.evaluate({"extra": ""}):
            yield item
