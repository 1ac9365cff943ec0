"""What a second process of the plugin, forked or spawned, makes of the platform."""

from pathlib import Path

from hwcheck.model.observation import ProcessSeen
from hwcheck.probe.host import current_platform
from hwcheck.probe.resolve import qualified_name

__all__ = ["platform_seen", "tell_platform"]


def platform_seen() -> ProcessSeen:
    """Describe the platform of this process."""
    platform = current_platform()
    return ProcessSeen(
        type=qualified_name(type(platform)),
        device_type=str(platform.device_type),  # type: ignore[attr-defined]
    )


def tell_platform(path: str) -> None:
    """Write what this process sees to a file; a failure is told after an exclamation mark."""
    try:
        seen = platform_seen()
        text = f"{seen.type}\n{seen.device_type}"
    except BaseException as error:
        text = f"!{type(error).__name__}: {error}"
    Path(path).write_text(text, encoding="utf-8")
