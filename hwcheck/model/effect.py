"""Effects: what a step of a plugin leaves behind outside the plugin's own objects."""

from dataclasses import dataclass
from enum import StrEnum

from hwcheck.model.outcome import Place

__all__ = ["Effect", "EffectKind"]


class EffectKind(StrEnum):
    """What a step can leave behind."""

    ENVIRONMENT = "environment"
    FILE = "file"
    OUTPUT = "output"
    EARLY_PLATFORM = "early-platform"
    DEVICE_CONTEXT = "device-context"
    THREAD = "thread"
    SIGNAL_HANDLER = "signal-handler"
    HOOK = "hook"
    """Functions and streams of `sys`, `threading` and `builtins` that anybody may replace."""
    LOGGING = "logging"
    WARNING_FILTER = "warning-filter"
    EXIT_HANDLER = "exit-handler"
    MODULE = "module"
    """An entry of `sys.modules` that belongs to others."""
    IMPORT_PATH = "import-path"
    TORCH = "torch"
    """What torch applies to everybody: default dtype and device, threads, determinism."""
    PROCESS = "process"
    """The working folder, the locale, and settings of the interpreter."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Effect:
    """One thing that a step changed outside the plugin's own objects."""

    kind: EffectKind
    subject: str
    """What was changed: the variable, the file, the command, the device type."""
    detail: str
    place: Place | None = None
    """The plugin's line that did it, where that is known."""
    harm: str | None = None
    """What it does to vLLM or to the program that uses it, where that is known to hurt."""
