"""The facts of the vLLM releases that hwcheck ships."""

from functools import cache
from importlib.resources import as_file, files
from pathlib import Path

from hwcheck.hosts.layout import Release
from hwcheck.hosts.store import Store, open_store

__all__ = ["FACTS_FILE", "known_releases", "release_days", "shipped_releases", "shipped_store"]

#: In the package's folder ``data``.
FACTS_FILE = "facts.bin"


@cache
def shipped_store() -> Store:
    """Open the file of facts that is a part of this package.

    Raises HostError: it is missing, damaged or of another version.
    """
    place = files("hwcheck.hosts") / "data" / FACTS_FILE
    if isinstance(place, Path):
        return open_store(place)
    with as_file(place) as unpacked:
        return Store(unpacked.read_bytes(), FACTS_FILE)


def shipped_releases() -> tuple[Release, ...]:
    """Tell what the file holds, oldest first."""
    return shipped_store().releases


def release_days() -> dict[str, str]:
    """Tell on which day each of them was released."""
    return {release.version: release.date for release in shipped_releases() if release.date}


def known_releases() -> tuple[str, ...]:
    """Name the releases whose facts are shipped, oldest first."""
    return tuple(release.version for release in shipped_releases())
