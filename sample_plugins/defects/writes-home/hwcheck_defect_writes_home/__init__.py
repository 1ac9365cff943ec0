"""The defect: register() writes a settings file into the home directory."""

from pathlib import Path

__all__ = ["register"]


def register() -> str | None:
    """Leave settings behind that nobody asked for."""
    folder = Path.home() / ".hwcheck_defect"
    folder.mkdir(exist_ok=True)
    (folder / "settings.ini").write_text("[profile]\nenabled = no\n", encoding="utf-8")
    return "hwcheck_defect_writes_home.device_platform.DevicePlatform"
