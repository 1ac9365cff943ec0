"""Evidence bundles: a run with its logs, and what a check of one finds."""

from dataclasses import dataclass
from enum import StrEnum

__all__ = ["Bundle", "Doubt", "DoubtKind", "PackedFile", "Verified"]


@dataclass(frozen=True, slots=True, kw_only=True)
class PackedFile:
    """One file of a bundle."""

    path: str
    size: int
    sha256: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Bundle:
    """The list of contents of a bundle; it is stored in it as ``bundle.json``."""

    schema: str
    version: int
    hwcheck: str
    """The release that packed it."""
    files: tuple[PackedFile, ...]
    left_out: tuple[str, ...] = ()
    """Logs that are too large, or no plain files."""


class DoubtKind(StrEnum):
    """What can be wrong with a bundle; permanent ids."""

    UNSAFE_PATH = "unsafe-path"
    """A member would be unpacked somewhere else, or twice."""
    DAMAGED = "damaged"
    """A file is missing, or is not the one that was packed."""
    UNLISTED = "unlisted"
    """A file that the list of contents does not have."""
    UNREADABLE = "unreadable"
    """The run, or a record of it, cannot be read."""
    EMPTY = "empty"
    """The run shows nothing."""
    INCOMPLETE = "incomplete"
    """The run did not come to its end."""
    EDITED = "edited"
    """What the run concludes does not follow from what it found."""
    MISSING_CONTRACT = "missing-contract"
    """A contract of a profile has no outcome."""
    WAIVER = "waiver"
    """A waiver is not, or no more, right."""


@dataclass(frozen=True, slots=True, kw_only=True, order=True)
class Doubt:
    """One thing that does not add up."""

    kind: DoubtKind
    subject: str
    """The file, the contract or the profile concerned."""
    detail: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Verified:
    """What a check of a bundle found."""

    plugin: str
    host: str
    files: int
    doubts: tuple[Doubt, ...]
    remarks: tuple[str, ...] = ()
    """What was not, or could not be, looked at."""
