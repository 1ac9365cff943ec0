"""What earlier runs of the same plugin on the same host took, kept for the next one."""

from contextlib import suppress
from pathlib import Path

from hwcheck.codec import decode_line, encode_line
from hwcheck.errors import CodecError
from hwcheck.hosts.cache import ContentCache
from hwcheck.observe.target import Target
from hwcheck.run.pace import Durations

__all__ = ["keep_durations", "known_durations"]


def known_durations(target: Target, python: str, cache: Path | None) -> Durations:
    """Read what is kept; empty where nothing is."""
    data = ContentCache(cache).get(_key(target, python))
    if data is not None:
        with suppress(CodecError):
            return decode_line(data, Durations, "the kept durations")
    return Durations()


def keep_durations(made: Durations, target: Target, python: str, cache: Path | None) -> None:
    """Keep what a complete run took, beside what it has not looked at."""
    before = known_durations(target, python, cache)
    together = Durations(
        contracts={**before.contracts, **made.contracts},
        children={**before.children, **made.children},
    )
    ContentCache(cache).put(_key(target, python), encode_line(together).encode())


def _key(target: Target, python: str) -> str:
    plugin, host = target.plugin, target.host
    words = (plugin.name, str(plugin.version), host.distribution, host.version, python)
    return " ".join(("durations", *words))
