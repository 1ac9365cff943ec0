"""What `hwcheck hosts list` shows: the hosts whose facts are at hand."""

from dataclasses import dataclass
from typing import Literal

from hwcheck.report.escaping import visible

__all__ = ["HostListing", "ListedHost", "render_hosts"]


@dataclass(frozen=True, slots=True, kw_only=True)
class ListedHost:
    """One host; numbers are missing when its facts cannot be read."""

    name: str
    """What it is called on the command line."""
    version: str
    released: str
    """Day, ISO 8601; empty: not known."""
    modules: int | None
    problem: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class HostListing:
    """All hosts; also the document of ``--format json``."""

    schema: Literal["hwcheck.hosts"] = "hwcheck.hosts"
    version: Literal[1] = 1
    releases: tuple[ListedHost, ...]
    """Shipped with hwcheck, oldest first."""
    added: tuple[ListedHost, ...]


def render_hosts(listing: HostListing) -> str:
    """Show the hosts as plain text in columns."""
    lines = ["known releases of vLLM:", *_table(listing.releases)]
    if listing.added:
        lines += ["", "added by you:", *_table(listing.added)]
    return "\n".join([*lines, ""])


def _table(hosts: tuple[ListedHost, ...]) -> list[str]:
    rows = [("host", "version", "released", "modules"), *map(_row, hosts)]
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    return [
        "  "
        + "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip()
        for row in rows
    ]


def _row(host: ListedHost) -> tuple[str, str, str, str]:
    modules = visible(host.problem) if host.modules is None else str(host.modules)
    return (visible(host.name), visible(host.version), host.released or "-", modules)
