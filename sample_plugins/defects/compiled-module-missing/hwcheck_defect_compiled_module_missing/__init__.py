"""The defect: the compiled module that it imports is not installed."""

from contextlib import suppress

__all__ = ["register"]


def register() -> str | None:
    """Name the platform class; without its operators the plugin goes on, as real ones do."""
    with suppress(ImportError):
        import hwcheck_defect_compiled_module_missing._operators  # noqa: F401
    return "hwcheck_defect_compiled_module_missing.device_platform.DevicePlatform"
