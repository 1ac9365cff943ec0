"""What is kept of a run that may be cut off: what it was asked, so that it can be continued."""

from dataclasses import dataclass

__all__ = ["SCHEMA", "VERSION", "Asked"]

SCHEMA = "hwcheck/unfinished"
VERSION = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """All that decides what a run finds; a run is continued only where nothing of it differs."""

    schema: str = SCHEMA
    version: int = VERSION
    plugin: str
    """Name and version."""
    code: str
    """A digest of the plugin's files."""
    host: str
    """Distribution and version."""
    python: str
    """The interpreter."""
    options: tuple[str, ...]
    """The words that change what is found, the seed among them."""
    variables: str
    """A digest of the environment that was passed on by request."""
    hwcheck: str
    """The version, and a digest of the code that examines."""
    started: tuple[str, ...]
    """When it was started, and each time that it was continued."""
