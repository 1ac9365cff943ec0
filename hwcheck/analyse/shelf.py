"""The hosts that hwcheck knows, and those that the user names."""

from functools import cached_property

from hwcheck.hosts.cache import ContentCache
from hwcheck.hosts.host_facts import HostFacts
from hwcheck.hosts.known import known_releases, shipped_releases
from hwcheck.hosts.open_host import open_host

__all__ = ["KnownHosts"]


class KnownHosts:
    """Hosts by the words of a user."""

    def __init__(self, cache: ContentCache) -> None:
        """Keep what is extracted of hosts at paths in `cache`."""
        self._cache = cache
        self._others: dict[str, HostFacts] = {}

    def known(self) -> tuple[str, ...]:
        """Name the shipped releases, oldest first."""
        return known_releases()

    def open(self, word: str) -> HostFacts:
        """Open a host; those that are not shipped are read once.

        Raises HostError: there is none of that name.
        """
        if word in self._digests:
            return open_host(word)
        if word not in self._others:
            self._others[word] = open_host(word, cache=self._cache)
        return self._others[word]

    def digest(self, word: str) -> str:
        """Tell the digest of a host's facts; those of shipped ones are not read for it.

        Raises HostError: there is none of that name.
        """
        return self._digests.get(word) or self.open(word).digest

    @cached_property
    def _digests(self) -> dict[str, str]:
        return {release.version: release.digest for release in shipped_releases()}
