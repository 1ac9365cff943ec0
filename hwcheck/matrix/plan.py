"""What a specification leads to, and how long it should take."""

from collections.abc import Iterator

from hwcheck.matrix.environments.planning import Wanted, wanted_runs
from hwcheck.matrix.specification import PluginEntry, Specification
from hwcheck.model.contract import Profile

__all__ = ["make_plan"]

#: Seconds for one release of a plugin on one host, on two processors: when nothing is kept yet,
#: and again. An estimate for a usual plugin; the largest takes ten times as long.
_COLD = 0.2
_WARM = 0.01
#: Seconds that a profile takes for one plugin on one host, at most.
_PROFILES = {Profile.P0: 30, Profile.P1: 90, Profile.P2: 600, Profile.P3: 1200, Profile.P4: 7200}
#: Seconds to make an environment with a vLLM that is downloaded.
_ENVIRONMENT = 120


def make_plan(specification: Specification) -> Iterator[str]:
    """Tell it line by line."""
    hosts = specification.hosts
    releases = sum(len(entry.releases) for entry in specification.plugins)
    cells = releases * len(hosts)
    yield specification.title
    yield (
        f"static: {releases} releases x {len(hosts)} hosts, {hosts[0]} to {hosts[-1]}:"
        f" {cells} cells, about {_spoken(cells * _COLD)} the first time,"
        f" {_spoken(cells * _WARM)} again"
    )
    for entry in specification.plugins:
        yield f"  {_called(entry)}: {', '.join(entry.releases)}"
    environments = tuple(map(_spoken_of, wanted_runs(specification)))
    profiles = ", ".join(specification.profiles)
    seconds = _ENVIRONMENT + sum(_PROFILES[item] for item in specification.profiles)
    if not environments:
        yield "runs: none; name the hosts of a plugin with `run-on`"
    else:
        yield (
            f"runs: {len(environments)} of {profiles}, each at most {_spoken(seconds)},"
            f" together {_spoken(seconds * len(environments))} one after the other"
        )
        yield from (f"  {line}" for line in environments)
    yield f"run documents that are there: {', '.join(specification.runs) or 'none are named'}"


def _spoken_of(wanted: Wanted) -> str:
    torch = f", torch {wanted.torch}" if wanted.torch else ""
    device = f", device {wanted.device}" if wanted.device else ""
    return f"{wanted.target} on vLLM {wanted.host}{torch}{device}"


def _called(entry: PluginEntry) -> str:
    return entry.name or entry.releases[0].partition("==")[0]


def _spoken(seconds: float) -> str:
    if seconds < 100:
        return f"{max(1, round(seconds))} s"
    minutes = round(seconds / 60)
    return f"{minutes} min" if minutes < 100 else f"{seconds / 3600:.1f} h"
