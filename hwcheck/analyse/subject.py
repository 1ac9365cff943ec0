"""The plugin under test as code: its files, entry points and compiled modules."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from hwcheck.model.plugin import EntryPoint
from hwcheck.model.use import Code

__all__ = ["PluginCode"]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class PluginCode:
    """Everything of a plugin that is held against hosts."""

    name: str
    """Of the distribution."""
    files: Mapping[str, Code]
    """By the name of the module."""
    tops: frozenset[str]
    """Its top-level packages and modules."""
    entry_points: tuple[EntryPoint, ...] = ()
    compiled: frozenset[str] = field(default_factory=frozenset)
    """Dotted names of the modules that are not Python source."""
