"""Patches: what a plugin replaces in modules and classes of the host and its libraries."""

from dataclasses import dataclass
from enum import StrEnum

from hwcheck.model.outcome import Place

__all__ = ["Inventory", "Original", "Patch", "PatchKind"]


class PatchKind(StrEnum):
    """What the plugin put there."""

    FUNCTION = "function"
    CLASS = "class"
    MODULE = "module"
    VALUE = "value"
    REMOVED = "removed"


class Original(StrEnum):
    """What became of the function or class that was there before."""

    KEPT = "kept"
    """The replacement refers to it, as what calls or extends it does."""
    LOST = "lost"
    """Nothing that the replacement refers to leads to it."""
    UNKNOWN = "unknown"
    """The replacement's code cannot be looked into."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Patch:
    """One attribute that is another object after the plugin's code ran."""

    target: str
    """The attribute: ``vllm.engine.arg_utils.EngineArgs.create_engine_config``."""
    kind: PatchKind
    before: str | None
    """What was there; ``None`` when nothing was, or when it is not known."""
    after: str
    step: str
    """In which step: ``activate``, ``call NAME``."""
    place: Place | None = None
    """The line that assigns it; where that is not known, the replacement's own."""
    original: Original | None = None
    """``None`` where nothing that could be called was replaced."""
    refused: str | None = None
    """A call that the original accepts and the replacement does not."""
    collision: str | None = None
    """An earlier patch of the plugin's that this one replaces without calling it."""
    wrapped_again: bool = False
    """Whether the same patch was put around itself when the plugin was called again."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Inventory:
    """The patches that are in place, sorted by target."""

    patches: tuple[Patch, ...]
