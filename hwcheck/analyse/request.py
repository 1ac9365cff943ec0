"""What a static check is asked for, what it gives, and how it tells how far it is."""

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeAlias

from hwcheck.model.check import Check, Selection, WindowLine
from hwcheck.model.plugin import Plugin, Problem

__all__ = ["DEFAULT_GATES", "CheckSettings", "Checked", "Progress", "Stage"]

#: Functions of plugins that compare the version of the host with their argument.
DEFAULT_GATES = ("vllm_version_is",)


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckSettings:
    """What a static check is asked for."""

    target: str
    """An installed plugin, a wheel, a source tree, or ``NAME==VERSION``."""
    host: str | None = None
    """A known release, or a path to a vLLM; without one, all known releases are looked at."""
    baseline: str | None = None
    """The same for the host that findings are held against; without one, it is found out."""
    window: bool = False
    """Look at all known releases besides `host`."""
    selection: Selection = field(default_factory=Selection)
    gates: tuple[str, ...] = DEFAULT_GATES
    cache: Path | None = None
    """The folder for what can be made again; without one, nothing is kept."""
    processes: int = 2
    """How many may work at a time."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Checked:
    """What a static check gives."""

    plugin: Plugin
    problems: tuple[Problem, ...]
    """Of the plugin's metadata."""
    check: Check


@dataclass(frozen=True, slots=True, kw_only=True)
class Stage:
    """How far a check is."""

    name: str
    """``fetch``, ``read``, ``baseline``, ``host``, ``since`` or ``window``."""
    done: int = 0
    total: int = 0
    """0: not known."""
    subject: str = ""
    """What is being worked on: a release, the target."""
    line: WindowLine | None = None
    """In ``window``: the release that is done."""


Progress: TypeAlias = Callable[[Stage], None]
