"""The order of versions, those that are no versions too."""

from packaging.version import InvalidVersion, Version

__all__ = ["host_key", "minor_of", "public_of", "version_key"]


def version_key(text: str) -> tuple[bool, Version, str]:
    """Give what versions are sorted by; what is none comes first, by its letters."""
    try:
        return True, Version(text), text
    except InvalidVersion:
        return False, Version("0"), text


def host_key(text: str) -> tuple[bool, Version, str]:
    """Give what hosts are sorted by: a build that has a name is newer than all releases."""
    is_release, version, name = version_key(text)
    return not is_release, version, name


def minor_of(text: str) -> str:
    """Name the minor release that a version belongs to: ``0.33`` of ``0.33.1``."""
    try:
        return ".".join(map(str, Version(text).release[:2]))
    except InvalidVersion:
        return text


def public_of(text: str) -> str:
    """Leave the build out: ``0.30.0+cpu`` is the release 0.30.0 to a matrix."""
    return text.partition("+")[0]
