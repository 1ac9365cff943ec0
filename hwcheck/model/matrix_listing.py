"""What there is in the folder of a matrix, for machines that want little."""

from dataclasses import dataclass
from typing import Final, Literal

__all__ = [
    "LISTING_SCHEMA",
    "LISTING_VERSION",
    "ListedCell",
    "ListedPlugin",
    "ListedRelease",
    "Listing",
]

LISTING_SCHEMA: Final = "hwcheck.matrix-listing"
LISTING_VERSION: Final = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class ListedCell:
    """One host that a release was held against."""

    host: str
    state: str
    errors: int
    badge: str
    """Without its ending: `.svg` is the picture, `.json` what shields.io reads."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ListedRelease:
    """A release of a plugin."""

    version: str
    fits: tuple[str, str] | None
    """The first and the last known release that fits."""
    first_broken_by: str | None
    runs: int
    checks: tuple[ListedCell, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ListedPlugin:
    """A plugin."""

    name: str
    vendor: str
    badge: str
    releases: tuple[ListedRelease, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Listing:
    """What there is in the folder."""

    schema: Literal["hwcheck.matrix-listing"]
    version: Literal[1]
    title: str
    hwcheck: str
    made: str
    document: str
    """The whole matrix."""
    plugins: tuple[ListedPlugin, ...]
