"""What a ``setup.cfg`` declares."""

import configparser

from hwcheck.discover.declared import Declared, Field, Unread
from hwcheck.discover.entries import Entry, declared_point
from hwcheck.errors import DiscoveryError

__all__ = ["read_setup_cfg"]


def read_setup_cfg(text: str, file: str) -> Declared:
    """Read the sections that setuptools reads.

    Raises DiscoveryError: the file is not in the form of a configuration file.
    """
    parser = configparser.RawConfigParser()
    parser.optionxform = str  # type: ignore[assignment,method-assign]  # as documented
    try:
        parser.read_string(text, file)
    except configparser.Error as error:
        raise DiscoveryError(
            f"'{file}' is not readable: {' '.join(str(error).split())}\n  repair it"
        ) from error
    unread: list[Unread] = []
    for section, option, field in (
        ("metadata", "name", Field.NAME),
        ("options", "install_requires", Field.REQUIREMENTS),
        ("options", "entry_points", Field.ENTRY_POINTS),
        *(("options.entry_points", group, Field.ENTRY_POINTS) for group in _groups(parser)),
    ):
        if _is_reference(parser.get(section, option, fallback=None)):
            unread.append(_unread(text, file, option, field))
    return Declared(
        file=file,
        name=_plain(parser.get("metadata", "name", fallback=None)),
        version=_plain(parser.get("metadata", "version", fallback=None)),
        requires_python=_plain(parser.get("options", "python_requires", fallback=None)),
        requirements=_requirements(parser),
        entries=_entries(parser),
        unread=tuple(unread),
    )


def _groups(parser: configparser.RawConfigParser) -> list[str]:
    section = "options.entry_points"
    return parser.options(section) if parser.has_section(section) else []


def _is_reference(value: str | None) -> bool:
    return value is not None and value.strip().startswith(("attr:", "file:"))


def _plain(value: str | None) -> str | None:
    return None if value is None or _is_reference(value) else value.strip() or None


def _unread(text: str, file: str, option: str, field: Field) -> Unread:
    lines = enumerate(text.splitlines(), start=1)
    line = next((number for number, item in lines if item.lstrip().startswith(option)), 1)
    return Unread(file=file, line=line, field=field, what=option)


def _requirements(parser: configparser.RawConfigParser) -> tuple[str, ...] | None:
    value = parser.get("options", "install_requires", fallback=None)
    if value is None or _is_reference(value):
        return None
    # On one line setuptools takes semicolons as separators, on several lines as markers.
    items = value.splitlines() if "\n" in value else value.split(";")
    return tuple(item.strip() for item in items if item.strip() and item.strip()[0] != "#")


def _entries(parser: configparser.RawConfigParser) -> tuple[Entry, ...] | None:
    if not parser.has_section("options.entry_points"):
        return None
    return tuple(
        declared_point(group, line.strip()) or Entry(group=group, name=line.strip(), value="")
        for group in _groups(parser)
        for line in parser.get("options.entry_points", group).splitlines()
        if line.strip() and not line.strip().startswith("#")
        if not _is_reference(parser.get("options.entry_points", group))
    )
