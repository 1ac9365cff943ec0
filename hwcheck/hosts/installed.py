"""The installed vLLM, found without importing it."""

import re
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from importlib_metadata import distributions

from hwcheck.errors import HostError
from hwcheck.model.host_names import HOST_DISTRIBUTIONS, names_host
from hwcheck.model.plugin import Host

__all__ = [
    "OLDEST_HOST",
    "InstalledHostSource",
    "check_host_supported",
    "find_installed_host",
    "is_host_distribution",
    "satisfies_host",
]

#: Older releases load platform plugins in other ways.
OLDEST_HOST = "0.9.0"

_EDITABLE = re.compile(r'"editable"\s*:\s*true')


class _Distribution(Protocol):
    """What is used of a distribution of importlib-metadata."""

    def read_text(self, filename: str) -> str | None: ...

    def locate_file(self, path: str) -> object: ...


@dataclass(frozen=True, slots=True)
class InstalledHostSource:
    """The vLLM on Python's own path, as a source of hosts."""

    name: str = "installed"

    def find(self) -> Host | None:
        """Find the installed vLLM; ``None`` when there is none."""
        return find_installed_host()


def find_installed_host(path: Sequence[str] | None = None) -> Host | None:
    """Find the vLLM that ``import vllm`` would give, by default on Python's own path.

    A distribution counts when the package ``vllm`` lies in its folder or it is an editable
    installation: metadata alone, put there to satisfy a requirement, is not a host.
    """
    folders = list(sys.path if path is None else path)
    for folder in folders:
        candidates: list[_Distribution] = [
            item
            for name in HOST_DISTRIBUTIONS
            for item in distributions(name=name, path=[folder])
            if _provides_package(item)
        ]
        candidates.extend(() if candidates else _builds_of_other_names(folder))
        if candidates:
            # Beside metadata without files, the one whose record has the package is the real one.
            return _read_host(max(candidates, key=_records_package))
    return None


def is_host_distribution(name: str) -> bool:
    """Whether a distribution of that name is vLLM itself."""
    return names_host(name)


def satisfies_host(requirement_name: str) -> bool:
    """Whether a requirement on that name is one on vLLM."""
    return names_host(requirement_name)


def check_host_supported(host: Host) -> None:
    """Refuse a host that is too old; one whose version says nothing is accepted.

    Raises HostError: it is older than `OLDEST_HOST`.
    """
    # Imported here: it costs as much as the rest of the start-up.
    from packaging.version import InvalidVersion, Version

    try:
        version = Version(host.version)
    except InvalidVersion:
        return
    # Without tags at hand, vLLM's build calls any checkout 0.1.dev<commits>.
    if version.is_devrelease and version.release <= (0, 1):
        return
    if version.release < Version(OLDEST_HOST).release:
        raise HostError(
            f"host too old: {host.distribution} {host.version} in '{host.location}'"
            f"\n  oldest supported: {OLDEST_HOST}"
            f"\n  install a newer vLLM, or run hwcheck in the environment that has one"
        )


def _provides_package(distribution: _Distribution) -> bool:
    root = Path(str(distribution.locate_file("")))
    if (root / "vllm" / "__init__.py").is_file():
        return True
    return _EDITABLE.search(_read_text(distribution, "direct_url.json") or "") is not None


def _builds_of_other_names(folder: str) -> Iterator[_Distribution]:
    if (Path(folder) / "vllm" / "__init__.py").is_file():
        yield from filter(_records_package, distributions(path=[folder]))


def _records_package(distribution: _Distribution) -> bool:
    return "\nvllm/__init__.py," in "\n" + (_read_text(distribution, "RECORD") or "")


def _read_text(distribution: _Distribution, name: str) -> str | None:
    try:
        return distribution.read_text(name)
    except (OSError, ValueError):  # ValueError: not UTF-8
        return None


def _read_host(distribution: _Distribution) -> Host:
    name, version = "vllm", "unknown"
    for line in (_read_text(distribution, "METADATA") or "").splitlines():
        key, colon, value = line.partition(":")
        if not colon:  # the header ends at the first empty line; it is long enough not to parse
            break
        if key == "Name":
            name = value.strip()
        elif key == "Version":
            version = value.strip()
    return Host(
        distribution=name, version=version, location=str(distribution.locate_file("")) or "."
    )
