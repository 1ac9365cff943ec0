"""From what a user calls a host to its facts."""

import os
import re
from collections.abc import Sequence
from pathlib import Path

from hwcheck.errors import UnknownHostError
from hwcheck.hosts.added import AddedHosts, user_hosts_directory
from hwcheck.hosts.cache import ContentCache, user_cache_directory
from hwcheck.hosts.host_facts import HostFacts
from hwcheck.hosts.known import known_releases, shipped_store
from hwcheck.hosts.store import Store

__all__ = ["open_host"]

_RELEASE = re.compile(r"(?i)(?:vllm\s*(?:==|-|@|\s)\s*)?v?(\d\S*)")
_ARCHIVES = (".whl", ".zip", ".tar.gz", ".tgz", ".tar", ".tar.bz2", ".tar.xz")


def open_host(
    word: str, *, added: AddedHosts | None = None, cache: ContentCache | None = None
) -> HostFacts:
    """Open a host: a known release (``0.33.0``, ``v0.33.0``, ``vllm==0.33.0``), one that the user
    added, or the path of a checkout, wheel, source distribution or installed package.

    Raises UnknownHostError: nothing is known of it. HostError: its facts cannot be read.
    """
    kept = ContentCache(user_cache_directory()) if cache is None else cache
    if _looks_like_path(word):
        return _host_at(word, kept)
    release = _release_of(word)
    if release in known_releases():
        return shipped_store().facts(release)
    hosts = AddedHosts(user_hosts_directory()) if added is None else added
    for name in dict.fromkeys((word, release)):
        store = hosts.store(name)
        if store is not None:
            return _only_host(store)
    if Path(word).exists():
        return _host_at(word, kept)
    raise _unknown(word, release, hosts.names())


def _release_of(word: str) -> str:
    found = _RELEASE.fullmatch(word.strip())
    return found[1] if found else word.strip()


def _host_at(word: str, cache: ContentCache) -> HostFacts:
    # Imported here: the extractor takes longer to load than a release to open.
    from hwcheck.hosts.host_path import store_of_host_at

    return _only_host(store_of_host_at(Path(word).expanduser(), cache))


def _only_host(store: Store) -> HostFacts:
    return store.facts(store.releases[0].version)


def _looks_like_path(word: str) -> bool:
    return os.sep in word or word.startswith(("~", ".")) or word.lower().endswith(_ARCHIVES)


def _unknown(word: str, release: str, added: Sequence[str]) -> UnknownHostError:
    known = known_releases()
    lines = [f"no facts for host {word!r}"]
    if known:
        lines.append(f"  known: {', '.join(known)}")
    if added:
        lines.append(f"  added: {', '.join(added)}")
    nearest = _nearest(release, (*known, *added))
    if nearest:
        lines.append(f"  nearest: {nearest} (use --host {nearest})")
    lines.append("  for another vLLM give the path of a checkout, wheel or installed package")
    return UnknownHostError("\n".join(lines))


def _nearest(release: str, names: Sequence[str]) -> str:
    """The known release before it, else the one most alike in writing."""
    # Imported here: needed for a wrong word only.
    from difflib import get_close_matches

    from packaging.version import InvalidVersion, Version

    try:
        wanted = Version(release)
        versions = [Version(name) for name in names]
    except InvalidVersion:
        return next(iter(get_close_matches(release, names, 1, 0.4)), "")
    alike = [item for item in versions if item.release[:2] == wanted.release[:2]]
    below = [item for item in versions if item <= wanted]
    return str(max(alike or below or versions[:1], default=""))
