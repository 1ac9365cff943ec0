"""The specification of a matrix: `matrix.toml`, read and checked before anything is done."""

import tomllib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import msgspec
from msgspec import Meta
from packaging.specifiers import InvalidSpecifier, SpecifierSet

from hwcheck.errors import UsageError
from hwcheck.matrix.environment_settings import (
    BuildOnWire,
    Environments,
    EnvironmentsOnWire,
    HostBuild,
    HowToRun,
    read_builds,
    read_environments,
)
from hwcheck.model.contract import Profile

__all__ = ["NoHardware", "PluginEntry", "Specification", "chosen_hosts", "read_specification"]

_ALL = "all"
_Text = Annotated[str, Meta(min_length=1)]


@dataclass(frozen=True, slots=True, kw_only=True)
class NoHardware:
    """What a device cannot do, as the vendor says."""

    capability: str
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PluginEntry:
    """One plugin of a specification."""

    name: str
    """As it is shown; empty: the distribution's own."""
    vendor: str
    device: str
    releases: tuple[str, ...]
    """Targets: installed names, wheels, source trees, ``NAME==VERSION``."""
    baseline: str | None
    """The vLLM that it was made for; ``None``: found out."""
    run_on: tuple[str, ...]
    """The hosts under which its releases are to be run: known releases, and names of builds."""
    gates: tuple[str, ...]
    no_hardware: tuple[NoHardware, ...]
    running: HowToRun


@dataclass(frozen=True, slots=True, kw_only=True)
class Specification:
    """What a matrix is to be made of."""

    path: Path
    title: str
    hosts: tuple[str, ...]
    """Known releases, oldest first."""
    plugins: tuple[PluginEntry, ...]
    profiles: tuple[Profile, ...]
    devices: tuple[str, ...]
    """What nodes of a cluster have to offer; each run is made on each of them."""
    runs: tuple[str, ...]
    """Run documents, folders of them, or patterns; relative to the specification."""
    stale_after_days: int | None
    """Older evidence than this, seen from the newest, is stale."""
    environments: Environments
    builds: tuple[HostBuild, ...]

    @property
    def folder(self) -> Path:
        """What its relative paths start from."""
        return self.path.parent

    @property
    def sources(self) -> dict[str, str]:
        """The builds whose source is looked at: where it is, by name."""
        found = ((build.name, build.source) for build in self.builds)
        return {name: str(self.folder / source) for name, source in found if source is not None}

    @property
    def columns(self) -> tuple[str, ...]:
        """The hosts of the static side: releases, oldest first, then builds."""
        return (*self.hosts, *self.sources)

    def target(self, release: str) -> str:
        """What a release names, seen from the current folder."""
        place = self.folder / release
        return str(place) if "==" not in release and place.exists() else release


class _PluginOnWire(msgspec.Struct, forbid_unknown_fields=True, rename="kebab"):
    releases: Annotated[tuple[_Text, ...], Meta(min_length=1)]
    name: str = ""
    vendor: str = ""
    device: str = ""
    baseline: _Text | None = None
    run_on: Annotated[tuple[_Text, ...], Meta(min_length=1)] | _Text | None = None
    gates: tuple[_Text, ...] = ()
    no_hardware: dict[_Text, str] = {}
    requirements: tuple[_Text, ...] | None = None
    variables: dict[_Text, str] = {}
    options: tuple[_Text, ...] = ()
    entry: _Text | None = None
    resource: _Text | None = None


class _SpecificationOnWire(msgspec.Struct, forbid_unknown_fields=True, rename="kebab"):
    plugins: Annotated[tuple[_PluginOnWire, ...], Meta(min_length=1)]
    title: _Text = "vLLM hardware plugins"
    hosts: Annotated[tuple[_Text, ...], Meta(min_length=1)] | _Text = _ALL
    profiles: tuple[Profile, ...] = (Profile.P0, Profile.P1)
    devices: tuple[_Text, ...] = ()
    runs: tuple[_Text, ...] = ()
    stale_after_days: Annotated[int, Meta(ge=1)] | None = None
    environments: EnvironmentsOnWire = msgspec.field(default_factory=EnvironmentsOnWire)
    builds: dict[_Text, BuildOnWire] = {}


def read_specification(path: Path, known: Sequence[str]) -> Specification:
    """Read a specification; `known` are the releases that its hosts may name.

    Raises UsageError: no such file, no TOML, a wrong field, a host that is not known.
    """
    wire = _read(path)
    try:
        hosts = chosen_hosts(wire.hosts, known)
        _refuse_doubles(wire.plugins)
        builds = read_builds(wire.builds, known)
        plugins = tuple(_entry(plugin, known, builds) for plugin in wire.plugins)
    except UsageError as error:
        raise UsageError(f"cannot use the specification {str(path)!r}: {error}") from None
    return Specification(
        path=path,
        title=wire.title,
        hosts=hosts,
        plugins=plugins,
        profiles=tuple(sorted(set(wire.profiles))),
        devices=wire.devices,
        runs=wire.runs,
        stale_after_days=wire.stale_after_days,
        environments=read_environments(wire.environments),
        builds=builds,
    )


def chosen_hosts(words: str | Sequence[str], known: Sequence[str]) -> tuple[str, ...]:
    """Choose releases by name, by range (``>=0.20,<=0.33``) or all, oldest first.

    Raises UsageError: a word that names none of `known`.
    """
    chosen: set[str] = set()
    for word in (words,) if isinstance(words, str) else words:
        chosen |= _meant(word, known)
    return tuple(release for release in known if release in chosen)


def _meant(word: str, known: Sequence[str]) -> set[str]:
    if word == _ALL:
        return set(known)
    if word in known:
        return {word}
    try:
        wanted = SpecifierSet(word)
    except InvalidSpecifier:
        wanted = None
    found = {item for item in known if wanted is not None and wanted.contains(item, True)}
    if not found:
        raise UsageError(
            f"{word!r} names no known release of vLLM"
            f"\n  known: {known[0]} to {known[-1]} (list them with `hwcheck hosts`)"
            '\n  name a release, or a range such as ">=0.20,<=0.33"'
        )
    return found


def _read(path: Path) -> _SpecificationOnWire:
    try:
        data = tomllib.loads(path.read_text(encoding="utf-8"))
        return msgspec.convert(data, _SpecificationOnWire)
    except OSError as error:
        told = f"{error.strerror}\n  name the matrix.toml that says what to look at"
    except UnicodeDecodeError as error:
        told = f"it is no UTF-8 text: byte {error.start} cannot be read"
    except tomllib.TOMLDecodeError as error:
        told = f"it is no TOML: {str(error)[:1].lower()}{str(error)[1:]}"
    except msgspec.ValidationError as error:
        told = f"{str(error)[:1].lower()}{str(error)[1:]}"
    except (RecursionError, ValueError) as error:
        told = f"it cannot be read: {error}"
    raise UsageError(f"cannot read the specification {str(path)!r}: {told}")


def _refuse_doubles(plugins: Sequence[_PluginOnWire]) -> None:
    seen: dict[str, int] = {}
    for number, plugin in enumerate(plugins):
        for release in plugin.releases:
            first = seen.setdefault(release, number)
            if first != number or plugin.releases.count(release) > 1:
                raise UsageError(
                    f"release {release!r} is named twice: `$.plugins[{first}]`"
                    f" and `$.plugins[{number}]`\n  name it once"
                )


def _entry(wire: _PluginOnWire, known: Sequence[str], builds: Sequence[HostBuild]) -> PluginEntry:
    return PluginEntry(
        name=wire.name,
        vendor=wire.vendor,
        device=wire.device,
        releases=wire.releases,
        baseline=wire.baseline,
        run_on=() if wire.run_on is None else _run_on(wire.run_on, known, builds),
        gates=wire.gates,
        no_hardware=tuple(
            NoHardware(capability=capability, reason=reason)
            for capability, reason in sorted(wire.no_hardware.items())
        ),
        running=HowToRun(
            entry=wire.entry,
            requirements=wire.requirements,
            variables=tuple(sorted(wire.variables.items())),
            options=wire.options,
            resource=wire.resource,
        ),
    )


def _run_on(
    words: str | Sequence[str], known: Sequence[str], builds: Sequence[HostBuild]
) -> tuple[str, ...]:
    """Releases first, oldest first, then builds as they are named."""
    given = (words,) if isinstance(words, str) else tuple(words)
    names = [build.name for build in builds]
    if only := [build.name for build in builds if build.name in given and not build.is_run]:
        raise UsageError(
            f"nothing can be run under the build {only[0]!r}, which is only a source"
            "\n  give it `install` or `python` as well, or leave it out of `run-on`"
        )
    releases = [word for word in given if word not in names]
    chosen = chosen_hosts(releases, known) if releases else ()
    return (*chosen, *(name for name in names if name in given))
