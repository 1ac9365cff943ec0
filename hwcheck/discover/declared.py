"""What one file of a source tree declares, and how the files of a tree add up."""

from dataclasses import dataclass, replace
from enum import StrEnum

from hwcheck.discover.entries import Entry

__all__ = ["Declared", "Field", "Unread"]


class Field(StrEnum):
    """The fields that hwcheck reads, under setuptools' names."""

    NAME = "name"
    VERSION = "version"
    PYTHON = "python_requires"
    REQUIREMENTS = "install_requires"
    ENTRY_POINTS = "entry_points"


@dataclass(frozen=True, slots=True, kw_only=True)
class Unread:
    """Something that is computed when the project is built, and so cannot be read."""

    file: str
    line: int
    field: Field
    what: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Declared:
    """The fields of one file; ``None`` where it leaves a field to others."""

    file: str
    name: str | None = None
    version: str | None = None
    requires_python: str | None = None
    requirements: tuple[str, ...] | None = None
    entries: tuple[Entry, ...] | None = None
    unread: tuple[Unread, ...] = ()

    def completed_by(self, other: "Declared") -> "Declared":
        """Take from another file what this one leaves open.

        What the other computes for a field that is settled here is no loss.
        """
        settled = self._settled()
        return replace(
            self,
            name=self.name if self.name is not None else other.name,
            version=self.version if self.version is not None else other.version,
            requires_python=(
                self.requires_python if self.requires_python is not None else other.requires_python
            ),
            requirements=(
                self.requirements if self.requirements is not None else other.requirements
            ),
            entries=self.entries if self.entries is not None else other.entries,
            unread=(
                *self.unread,
                *(item for item in other.unread if item.field not in settled),
            ),
        )

    def _settled(self) -> set[Field]:
        fields = {
            Field.NAME: self.name,
            Field.VERSION: self.version,
            Field.PYTHON: self.requires_python,
            Field.REQUIREMENTS: self.requirements,
            Field.ENTRY_POINTS: self.entries,
        }
        return {field for field, value in fields.items() if value is not None}
