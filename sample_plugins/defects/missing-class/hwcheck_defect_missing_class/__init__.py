"""The defect: the class path names a class that its module does not have."""

__all__ = ["register"]


def register() -> str | None:
    """Name a class that was renamed."""
    return "hwcheck_defect_missing_class.device_platform.RenamedPlatform"
