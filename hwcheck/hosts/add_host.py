"""Adding a host: its facts are extracted, and kept under a name."""

import re
from pathlib import Path

from hwcheck.errors import UsageError
from hwcheck.hosts.added import AddedHosts
from hwcheck.hosts.cache import ContentCache
from hwcheck.hosts.host_path import pack_host_at
from hwcheck.hosts.host_version import UNKNOWN_VERSION
from hwcheck.hosts.known import known_releases
from hwcheck.hosts.layout import Release
from hwcheck.hosts.store import Store

__all__ = ["add_host"]

_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._+-]{0,99}")


def add_host(
    path: Path, hosts: AddedHosts, cache: ContentCache, *, name: str | None = None
) -> tuple[str, Release]:
    """Extract the vLLM at a path and keep it; give what it is called, and what it is.

    Raises UnknownHostError: there is no vLLM. UsageError: the name cannot be used, or there is
    none. HostError: it cannot be kept.
    """
    if name is not None:
        _check_name(name)
    packed = pack_host_at(path, cache)
    release = Store(packed, str(path)).releases[0]
    chosen = name or release.version
    if chosen == UNKNOWN_VERSION:
        raise UsageError(f"'{path}' does not tell its version\n  give it a name with --name")
    _check_name(chosen)
    hosts.keep(chosen, packed)
    return chosen, release


def _check_name(name: str) -> None:
    if _NAME.fullmatch(name) is None:
        raise UsageError(
            f"{name!r} cannot be the name of a host"
            "\n  use letters, digits and '.', '_', '+', '-', at most 100"
        )
    if name in known_releases():
        raise UsageError(
            f"host {name!r} is a known release already\n  give this one a name with --name"
        )
