"""Which vLLM a tree holds, and its entry points: from metadata, its version file, or git."""

import configparser
import re
import subprocess
import tarfile
import tomllib
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple, Protocol

from hwcheck.hosts.host_facts import HostEntryPoint
from hwcheck.model.host_names import names_host

__all__ = ["UNKNOWN_VERSION", "HostIdentity", "identify_host"]

UNKNOWN_VERSION = "unknown"

_LARGEST = 1_000_000
_VERSION_FILE = re.compile(r"""^(?:__version__ = )?(?:__version__|version) = ['"]([^'"]+)""", re.M)
_DESCRIBED = re.compile(r"v?(\d+(?:\.\d+)*)(\S*?)-(\d+)-g([0-9a-f]+)")
_METADATA = re.compile(r"(?:[^/]+/)?(?:PKG-INFO|[^/]+\.(?:dist|egg)-info/(?:METADATA|PKG-INFO))")


class HostIdentity(NamedTuple):
    """What a tree says of itself."""

    version: str
    entry_points: tuple[HostEntryPoint, ...] = ()


class _Files(Protocol):
    """Text files of a tree by name; a missing one is empty."""

    def metadata(self) -> Iterator[str]:
        """Name what may be metadata of vLLM."""
        ...

    def text(self, name: str) -> str: ...


def identify_host(path: Path) -> HostIdentity:
    """Find version and entry points; the version is `UNKNOWN_VERSION` when nothing tells it."""
    files = _files(path)
    for name in files.metadata():
        version = _version_of_host(files.text(name))
        if version:
            folder = name.rpartition("/")[0]
            points = files.text(f"{folder}/entry_points.txt" if folder else "entry_points.txt")
            return HostIdentity(version, _parse_entry_points(points))
    found = _VERSION_FILE.search(files.text("vllm/_version.py"))
    version = found[1] if found else _described(path)
    return HostIdentity(version or UNKNOWN_VERSION, _project_entry_points(files))


class _Folder:
    def __init__(self, path: Path) -> None:
        inside = path.name == "vllm" and (path / "__init__.py").is_file()
        self.root = path.parent if inside else path

    def metadata(self) -> Iterator[str]:
        for pattern in ("vllm*.dist-info/METADATA", "vllm*.egg-info/PKG-INFO", "PKG-INFO"):
            for found in sorted(self.root.glob(pattern)):
                yield found.relative_to(self.root).as_posix()

    def text(self, name: str) -> str:
        try:
            with (self.root / name).open("rb") as stream:
                return stream.read(_LARGEST).decode("utf-8", "replace")
        except OSError:
            return ""


class _Members:
    """What was read from an archive."""

    def __init__(self, texts: dict[str, str]) -> None:
        self._texts = texts

    def metadata(self) -> Iterator[str]:
        return filter(_METADATA.fullmatch, sorted(self._texts, key=lambda name: (len(name), name)))

    def text(self, name: str) -> str:
        return next(
            (text for key, text in self._texts.items() if f"/{key}".endswith(f"/{name}")), ""
        )


def _files(path: Path) -> _Files:
    try:
        if path.is_dir():
            return _Folder(path)
        return _Members(dict(_zip_texts(path) if zipfile.is_zipfile(path) else _tar_texts(path)))
    except (OSError, tarfile.TarError, zipfile.BadZipFile, EOFError, ValueError):
        # What is wrong with the archive is said by who reads its sources.
        return _Members({})


def _zip_texts(path: Path) -> Iterator[tuple[str, str]]:
    with zipfile.ZipFile(path) as archive:
        for member in archive.infolist():
            if _is_wanted(member.filename) and member.file_size <= _LARGEST:
                yield member.filename, archive.read(member).decode("utf-8", "replace")


def _tar_texts(path: Path) -> Iterator[tuple[str, str]]:
    with tarfile.open(path) as archive:
        for member in archive:
            stream = archive.extractfile(member) if _is_wanted(member.name) else None
            if stream is not None and member.size <= _LARGEST:
                yield member.name, stream.read(_LARGEST).decode("utf-8", "replace")


def _is_wanted(name: str) -> bool:
    return (
        _METADATA.fullmatch(name) is not None
        or re.fullmatch(r"(?:[^/]+/)?(?:vllm/_version\.py|pyproject\.toml)", name) is not None
        or name.endswith(("-info/entry_points.txt",))
    )


def _version_of_host(metadata: str) -> str:
    name = version = ""
    for line in metadata.splitlines():
        key, _, value = line.partition(":")
        if not line.strip():
            break
        if key == "Name":
            name = value.strip()
        elif key == "Version":
            version = value.strip()
    return version if names_host(name) else ""


def _described(path: Path) -> str:
    """What git says, in the way of setuptools-scm: commits after a release lead to the next."""
    folder = path.parent if path.name == "vllm" and (path / "__init__.py").is_file() else path
    if not (folder / ".git").exists():
        return ""
    command = ["git", "-C", str(folder), "describe", "--tags", "--long", "--match", "v[0-9]*"]
    try:
        told = subprocess.run(command, capture_output=True, text=True, timeout=20, check=False)
    except (OSError, subprocess.SubprocessError):
        return ""
    found = _DESCRIBED.fullmatch(told.stdout.strip())
    if found is None:
        return ""
    release, suffix, distance, commit = found.groups()
    if distance == "0":
        return f"{release}{suffix}"
    # After a release candidate the release itself comes next.
    parts = release.split(".")
    following = release if suffix else ".".join([*parts[:-1], str(int(parts[-1]) + 1)])
    return f"{following}.dev{distance}+g{commit}"


def _parse_entry_points(text: str) -> tuple[HostEntryPoint, ...]:
    parser = configparser.ConfigParser(delimiters=("=",), interpolation=None, strict=False)
    parser.optionxform = str  # type: ignore[assignment,method-assign]  # names keep their case
    try:
        parser.read_string(text)
    except configparser.Error:
        return ()
    return tuple(
        sorted(
            (group, name, value)
            for group in parser.sections()
            for name, value in parser[group].items()
        )
    )


def _project_entry_points(files: _Files) -> tuple[HostEntryPoint, ...]:
    try:
        project = tomllib.loads(files.text("pyproject.toml")).get("project", {})
    except tomllib.TOMLDecodeError:
        return ()
    groups = dict(project.get("entry-points", {}))
    groups["console_scripts"] = project.get("scripts", {})
    return tuple(
        sorted(
            (group, name, value)
            for group, points in groups.items()
            for name, value in dict(points).items()
        )
    )
