"""Fetching the wheel of a release that is not here, with the user's own pip configuration."""

import re
import subprocess
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path

from hwcheck.errors import DiscoveryError

__all__ = ["fetch_wheel", "is_pinned"]

_PINNED = re.compile(r"\s*([A-Za-z0-9][A-Za-z0-9._-]*)\s*==\s*([A-Za-z0-9][A-Za-z0-9.!+_-]*)\s*")
_CREDENTIALS = re.compile(r"(?<=://)[^/@\s]+@")
_LIMIT = 600.0
#: Plugins are built for few systems; which one a wheel is for does not matter for reading it.
_PLATFORMS = ("manylinux2014", "manylinux_2_24", "manylinux_2_28", "manylinux_2_31")
_NEWER_PLATFORMS = ("manylinux_2_34", "manylinux_2_35", "manylinux_2_39", "linux")
_PYTHONS = ("3.12", "3.11", "3.10", "3.13")
_MACHINES = ("x86_64", "aarch64")


def is_pinned(target: str) -> bool:
    """Whether a target is ``NAME==VERSION``."""
    return _PINNED.fullmatch(target) is not None


def fetch_wheel(
    target: str, directory: Path, environment: Mapping[str, str], *, python: str = sys.executable
) -> Path:
    """Download the wheel of ``NAME==VERSION`` into a folder; one that is there is not asked for.

    Raises DiscoveryError: no such release, no wheel of it, no network, no pip.
    """
    match = _PINNED.fullmatch(target)
    if match is None:
        raise DiscoveryError(f"{target!r} is not NAME==VERSION\n  give an exact version")
    pinned = f"{match[1]}=={match[2]}"
    place = directory / pinned.lower()
    said = ""
    for choice in ((), *_choices()):
        found = _wheel_in(place)
        if found is not None:
            return found
        text = _run_pip(pinned, place, choice, environment, python)
        said = said or text
        if not _has_versions(said):
            break  # nothing is known of that name: other systems will not help
    found = _wheel_in(place)
    if found is None:
        raise DiscoveryError(_explain(pinned, said, match[2]))
    return found


def _choices() -> Iterator[tuple[str, ...]]:
    for machine in _MACHINES:
        names = (f"{name}_{machine}" for name in (*_PLATFORMS, *_NEWER_PLATFORMS))
        platforms = tuple(word for name in names for word in ("--platform", name))
        for version in _PYTHONS:
            yield (*platforms, "--python-version", version)


def _wheel_in(place: Path) -> Path | None:
    return next(iter(sorted(place.glob("*.whl"))), None) if place.is_dir() else None


def _run_pip(
    pinned: str,
    place: Path,
    choice: tuple[str, ...],
    environment: Mapping[str, str],
    python: str,
) -> str:
    command = [python, "-m", "pip", "download", "--no-deps", "--only-binary=:all:"]
    command += ["--disable-pip-version-check", "--no-input", "--progress-bar=off"]
    # One more try, whatever is configured: pip tells of a broken connection only when it retries.
    command += ["--retries=1", *choice]
    try:
        done = subprocess.run(
            [*command, "--dest", str(place), pinned],
            capture_output=True,
            text=True,
            errors="backslashreplace",
            timeout=_LIMIT,
            check=False,
            stdin=subprocess.DEVNULL,
            env=dict(environment),
        )
    except subprocess.TimeoutExpired:
        raise DiscoveryError(
            f"fetching {pinned!r} took longer than {_LIMIT:g} s\n"
            "  check the network, or download its wheel yourself and name the file"
        ) from None
    except OSError as error:
        raise DiscoveryError(f"pip cannot be started: {error.strerror or error}") from error
    return "" if done.returncode == 0 else done.stderr + done.stdout


def _has_versions(said: str) -> bool:
    listed = re.search(r"from versions: ([^)]*)", said)
    return listed is not None and listed[1].strip() not in ("", "none")


def _explain(pinned: str, said: str, version: str) -> str:
    lines = [_CREDENTIALS.sub("", line).strip() for line in said.splitlines()]
    errors = [line for line in lines if line.startswith("ERROR:")] or lines[-1:]
    if "No module named pip" in said:
        return (
            f"{pinned!r} cannot be fetched: this Python has no pip\n"
            "  install pip here, or download the wheel yourself and name the file"
        )
    if re.search(r"after connection broken|NewConnectionError|ProxyError|timed out", said):
        return (
            f"{pinned!r} cannot be fetched: the package index cannot be reached\n"
            "  check the network and pip's configuration, or name a wheel file"
        )
    listed = re.search(r"from versions: ([^)]*)", said)
    known = [item.strip() for item in listed[1].split(",")] if listed else []
    if version in known or (listed is not None and not _has_versions(said)):
        return (
            f"{pinned!r} cannot be fetched: the index has no wheel of it\n"
            "  check the name; if only its source is published, unpack it and name the folder"
        )
    if known:
        shown = ", ".join(known[-12:])
        return f"there is no {pinned!r}\n  known: {shown}\n  name one of these versions"
    return f"{pinned!r} cannot be fetched\n  pip said: {(errors or ['nothing'])[0]}"
