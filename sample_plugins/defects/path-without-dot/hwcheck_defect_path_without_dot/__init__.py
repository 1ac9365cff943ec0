"""The defect: register() returns a class name without its module."""

__all__ = ["register"]


def register() -> str | None:
    """Name the class without saying where it is."""
    return "DevicePlatform"
