"""One distribution's metadata: its folder read member by member, and the plugin it declares."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from email.message import Message
from email.parser import HeaderParser
from pathlib import PurePath
from typing import Protocol

from hwcheck.discover.entries import Entry, could_hold_plugin, judge, parse_sections
from hwcheck.model.host_names import names_host, normalise
from hwcheck.model.plugin import Origin, Plugin, Problem, ProblemKind

__all__ = [
    "Distribution",
    "Identity",
    "UnreadableMemberError",
    "declared_name",
    "host_requirements",
    "identify",
    "metadata_folder",
    "read_distribution",
    "read_member",
    "ships_host",
    "unreadable_values",
]

#: Metadata is small (the largest seen is 100 kB); more is not read into memory.
LARGEST_MEMBER = 16 * 2**20

_REQUIREMENT_NAME = re.compile(r"\s*([A-Za-z0-9][A-Za-z0-9._-]*)")


class Distribution(Protocol):
    """What is used of a distribution of importlib-metadata, in all its versions."""

    @property
    def requires(self) -> list[str] | None:
        """The requirements, translated where the metadata is of an old form."""
        ...

    def read_text(self, filename: str) -> str | None:
        """Read a file of the metadata, ``None`` when it is not there."""
        ...

    def locate_file(self, path: str) -> object:
        """Where a file of the distribution is."""
        ...


class UnreadableMemberError(Exception):
    """A member of the metadata is there, but its text cannot be had; the message tells why."""

    def __init__(self, reason: str, *, data: bytes | None = None) -> None:
        super().__init__(reason)
        self.could_hold_plugin = data is None or could_hold_plugin(data.decode("ascii", "ignore"))


@dataclass(frozen=True, slots=True, kw_only=True)
class Identity:
    """Name and version as the metadata folder's own name has them."""

    name: str
    version: str | None


def metadata_folder(distribution: Distribution) -> str:
    """The folder that holds the metadata; empty for a distribution that is not in files."""
    # The library keeps it in a private attribute, under this name ever since it exists.
    return str(getattr(distribution, "_path", ""))


def identify(folder: str) -> Identity | None:
    """Read name and version off a metadata folder; ``None`` when they are not in its name."""
    stem, dot, suffix = PurePath(folder).name.rpartition(".")
    if not dot or suffix not in ("dist-info", "egg-info") or not stem:
        return None
    name, _, rest = stem.partition("-")
    return Identity(name=name, version=rest.partition("-py")[0] or None)


def read_member(distribution: Distribution, name: str) -> str | None:
    """Read one file of the metadata; ``None`` when it is not there.

    Raises UnreadableMemberError: it is no file, too large, not UTF-8, or cannot be read.
    """
    folder = getattr(distribution, "_path", None)
    try:
        if folder is None:
            return distribution.read_text(name)
        member = folder.joinpath(name)
        if not member.is_file():  # opening a pipe would wait for ever
            if member.exists():
                raise UnreadableMemberError(f"{name} is not a file", data=b"")
            return None
        with member.open("rb") as stream:
            data: bytes = stream.read(LARGEST_MEMBER + 1)
    except UnreadableMemberError:
        raise
    except Exception as error:  # a zip can fail in many ways: CRC, password, compression
        raise UnreadableMemberError(f"{name} cannot be read: {error}") from error
    if len(data) > LARGEST_MEMBER:
        raise UnreadableMemberError(f"{name} is larger than {LARGEST_MEMBER} bytes")
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError as error:
        raise UnreadableMemberError(
            f"{name} is not UTF-8 (byte {error.start})", data=data
        ) from error


def ships_host(distribution: Distribution) -> bool:
    """Whether the distribution's record of files has the package ``vllm`` itself."""
    try:
        record = read_member(distribution, "RECORD")
    except UnreadableMemberError:
        return False
    return record is not None and "\nvllm/__init__.py," in f"\n{record}"


def declared_name(distribution: Distribution) -> str | None:
    """Read the name out of the metadata; ``None`` when it has none."""
    header, _, _ = _read_header(distribution, "", "")
    return _value(header, "Name")


def host_requirements(requirements: Iterable[str]) -> tuple[str, ...]:
    """Those requirements that name vLLM, in order."""
    return tuple(
        item
        for item in requirements
        if (match := _REQUIREMENT_NAME.match(item)) and names_host(match[1].rstrip("._-"))
    )


def unreadable_values(version: str | None, requirements: Iterable[str]) -> tuple[str, ...]:
    """Say which of a plugin's values no installer can read."""
    # Imported here: only plugins need it, and most environments have none or one.
    from packaging.requirements import InvalidRequirement, Requirement
    from packaging.version import InvalidVersion, Version

    faults: list[str] = []
    try:
        Version(version or "0")
    except InvalidVersion:
        faults.append(f"the version {version!r} is not a version")
    for requirement in requirements:
        try:
            Requirement(requirement)
        except InvalidRequirement as error:
            reason = str(error).partition("\n")[0]
            faults.append(f"the requirement {requirement!r} cannot be read: {reason}")
    return tuple(faults)


def read_distribution(
    distribution: Distribution, *, origin: Origin, location: str
) -> tuple[Plugin | None, tuple[Entry, ...], tuple[Problem, ...]]:
    """Read a distribution; the plugin is ``None`` when nothing is declared in the two groups.

    Metadata beyond the entry points is read for plugins only.
    """
    folder = metadata_folder(distribution)
    identity = identify(folder)
    label = identity.name if identity else location
    try:
        text = read_member(distribution, "entry_points.txt")
    except UnreadableMemberError as error:
        unread = _broken(label, str(error), folder)
        return None, (), (unread,) if error.could_hold_plugin else ()
    if text is None or not could_hold_plugin(text):
        return None, parse_sections(text or "")[0], ()
    entries, faults = parse_sections(text)
    spoilt = tuple(_broken(label, f"entry_points.txt: {fault}", folder) for fault in faults)
    header, requirements, broken = _read_header(distribution, label, folder)
    name = _value(header, "Name") or label
    points, problems = judge(entries, distribution=name, where=f"{folder}/entry_points.txt")
    if not points:
        return None, entries, (*spoilt, *problems)
    plugin = Plugin(
        name=name,
        version=_value(header, "Version") or (identity.version if identity else None),
        origin=origin,
        location=location,
        entry_points=points,
        requirements=requirements,
        requires_python=_value(header, "Requires-Python"),
        host_requirements=host_requirements(requirements),
    )
    unreadable = unreadable_values(plugin.version, requirements)
    broken = (*broken, *(_broken(name, fault, folder) for fault in unreadable))
    return plugin, entries, (*broken, *spoilt, *problems)


def _read_header(
    distribution: Distribution, label: str, folder: str
) -> tuple[Message, tuple[str, ...], tuple[Problem, ...]]:
    try:
        text = read_member(distribution, "METADATA") or read_member(distribution, "PKG-INFO")
        listed = read_member(distribution, "requires.txt")
    except UnreadableMemberError as error:
        return Message(), (), (_broken(label, str(error), folder),)
    if text is None:
        return Message(), (), (_broken(label, "it has no METADATA", folder),)
    header = HeaderParser().parsestr(text)
    missing = [field for field in ("Name", "Version") if not _value(header, field)]
    problems = tuple(_broken(label, f"METADATA has no {field}", folder) for field in missing)
    written = tuple(" ".join(str(item).split()) for item in header.get_all("Requires-Dist") or ())
    if not written and listed is not None:  # an egg-info, whose own form the library translates
        written = tuple(distribution.requires or ())
    return header, written, problems


def _value(header: Message, field: str) -> str | None:
    value = header.get(field)
    return str(value).strip() or None if value is not None else None


def _broken(label: str, fault: str, folder: str) -> Problem:
    return Problem(
        kind=ProblemKind.BROKEN_METADATA,
        subject=normalise(label),
        detail=f"{fault} ({folder})",
        remedy="install it again, or build its wheel again",
    )
