"""What changed between two hosts of what one plugin uses."""

from collections.abc import Mapping
from pathlib import Path

from hwcheck.analyse.plugin_code import PluginSource
from hwcheck.analyse.request import DEFAULT_GATES, Progress
from hwcheck.analyse.target import open_target
from hwcheck.analyse.used_symbols import used_symbols
from hwcheck.analyse.world import World
from hwcheck.hosts.cache import ContentCache
from hwcheck.hosts.compare import Change, compare_hosts
from hwcheck.hosts.host_facts import HostFacts

__all__ = ["changes_for"]


def changes_for(
    target: str,
    before: HostFacts,
    after: HostFacts,
    *,
    cache: Path | None,
    environment: Mapping[str, str],
    progress: Progress,
) -> tuple[Change, ...]:
    """Find the changes of what a plugin uses of either host, sorted by symbol.

    Raises DiscoveryError, SourceError: nothing can be read from the target.
    """
    opened = open_target(target, cache=cache, environment=environment, progress=progress)
    with opened.tree:
        code = PluginSource(opened, cache=ContentCache(cache), processes=1).code
    used = frozenset[str]().union(
        *(used_symbols(World(code, host, frozenset(DEFAULT_GATES))) for host in (before, after))
    )
    return compare_hosts(before, after, only=used)
