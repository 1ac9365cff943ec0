"""What ``hwcheck hosts`` does: apart from the command, so that its libraries load late."""

import os
import sys
from pathlib import Path

from hwcheck.api import host_changes
from hwcheck.cli.cache_folder import cache_folder
from hwcheck.codec import encode
from hwcheck.errors import HostError
from hwcheck.hosts.add_host import add_host
from hwcheck.hosts.added import AddedHosts, user_hosts_directory
from hwcheck.hosts.cache import ContentCache
from hwcheck.hosts.known import shipped_store
from hwcheck.hosts.store import Store
from hwcheck.report.hosts_difference import HostDifference, render_difference
from hwcheck.report.hosts_listing import HostListing, ListedHost, render_hosts

__all__ = ["add", "diff", "list_hosts"]


def list_hosts(form: str) -> None:
    """Show the hosts whose facts are at hand."""
    hosts = AddedHosts(user_hosts_directory())
    shipped = shipped_store()
    listing = HostListing(
        releases=tuple(_listed(shipped, index) for index in range(len(shipped.releases))),
        added=tuple(_listed_added(name, hosts) for name in hosts.names()),
    )
    _show(listing, render_hosts(listing), form)


def add(path: Path, name: str | None) -> None:
    """Extract and keep a host, and say what it is called."""
    sys.stderr.write(f"extracting the facts of '{path}'\n")
    hosts = AddedHosts(user_hosts_directory())
    called, release = add_host(path, hosts, ContentCache(cache_folder()), name=name)
    sys.stdout.write(f"added host {called} (vLLM {release.version})\n")


def diff(before: str, after: str, target: str | None, form: str) -> None:
    """Show what changed from one host to another."""
    difference = HostDifference(
        before=before,
        after=after,
        target=target,
        changes=host_changes(
            before, after, target=target, cache=cache_folder(), environment=os.environ
        ),
    )
    _show(difference, render_difference(difference), form)


def _listed(store: Store, index: int, name: str = "") -> ListedHost:
    release = store.releases[index]
    return ListedHost(
        name=name or release.version,
        version=release.version,
        released=release.date,
        modules=len(store.entries_of(index)),
    )


def _listed_added(name: str, hosts: AddedHosts) -> ListedHost:
    try:
        store = hosts.store(name)
    except HostError as error:
        return _unreadable(name, str(error).partition("\n")[0])
    return _listed(store, 0, name) if store is not None else _unreadable(name, "it is gone")


def _unreadable(name: str, problem: str) -> ListedHost:
    return ListedHost(name=name, version="-", released="", modules=None, problem=problem)


def _show(record: HostListing | HostDifference, text: str, form: str) -> None:
    if form == "json":
        sys.stdout.flush()
        sys.stdout.buffer.write(encode(record))  # JSON is UTF-8 whatever the terminal's encoding
        sys.stdout.buffer.flush()
    else:
        encoding = sys.stdout.encoding or "utf-8"
        sys.stdout.write(text.encode(encoding, "backslashreplace").decode(encoding))
