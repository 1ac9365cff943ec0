"""Rebuilds the facts of all vLLM releases that hwcheck ships; see docs/how-to-rebuild-facts.md."""

import argparse
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from hashlib import blake2b
from pathlib import Path

from package_index import index_address, list_wheels
from packaging.version import Version

import hwcheck.extract
from hwcheck.hosts.cache import ContentCache, user_cache_directory
from hwcheck.hosts.extraction import Extraction, contents_of
from hwcheck.hosts.host_path import HOST_PACKAGE
from hwcheck.hosts.host_version import identify_host
from hwcheck.hosts.installed import OLDEST_HOST
from hwcheck.hosts.known import FACTS_FILE
from hwcheck.hosts.pack import PackedHost
from hwcheck.hosts.packing import pack_hosts
from hwcheck.sources import open_sources

_REPOSITORY = Path(__file__).resolve().parent.parent
_FACTS = _REPOSITORY / "hwcheck" / "hosts" / "data" / FACTS_FILE
_ARCHIVES = ("*.whl", "*.zip")
#: Wheels of vLLM are tagged with several of these; 0.21.0 with manylinux_2_24 alone.
_PLATFORMS = (
    "manylinux_2_24_x86_64",
    "manylinux_2_28_x86_64",
    "manylinux_2_31_x86_64",
    "manylinux_2_35_x86_64",
    "manylinux2014_x86_64",
    "manylinux1_x86_64",
    "any",
)
#: The facts of every content of every file, compressed; only one entry is used at a time.
_LARGEST_CACHE = 8 * 2**30


def main() -> None:
    """Get the archives, extract, pack, write."""
    arguments = _parser().parse_args()
    started = time.monotonic()
    dates = {} if arguments.offline else _released(arguments.index_url or index_address())
    folder: Path = arguments.folder
    if arguments.download:
        _download(dates, folder)
    archives = _choose(folder, dates)
    data = _build(archives, dates, arguments)
    arguments.output.parent.mkdir(parents=True, exist_ok=True)
    part = arguments.output.with_suffix(".part")
    part.write_bytes(data)
    # Whoever has the older file mapped into memory keeps it.
    part.replace(arguments.output)
    _tell(
        f"{arguments.output}: {len(data)} bytes, {len(archives)} releases, "
        f"blake2b {blake2b(data, digest_size=16).hexdigest()}, "
        f"{time.monotonic() - started:.0f} s"
    )


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path, help="holds the wheels, or receives them")
    parser.add_argument(
        "--from-folder",
        dest="download",
        action="store_false",
        help="use what the folder holds (wheels, or zip files made of them) and download nothing",
    )
    parser.add_argument(
        "--offline", action="store_true", help="do not ask the index for dates and yanked releases"
    )
    parser.add_argument("--index-url", help="default: what pip is configured to use")
    parser.add_argument("--output", type=Path, default=_FACTS, help="default: %(default)s")
    parser.add_argument("--processes", type=int, default=2)
    parser.add_argument("--cache", type=Path, help="default: the user's cache folder of hwcheck")
    return parser


def _released(address: str) -> Mapping[Version, str]:
    """Releases that count, oldest first, with the day of their first wheel."""
    found: dict[Version, list[str]] = {}
    for wheel in list_wheels(HOST_PACKAGE, address):
        version = wheel.version
        is_release = not version.is_prerelease and version.local is None
        if is_release and not wheel.is_yanked and version >= Version(OLDEST_HOST):
            found.setdefault(version, []).append(wheel.uploaded)
    if not found:
        raise SystemExit(f"the index has no wheels of {HOST_PACKAGE!r}")
    return {version: min(found[version]) for version in sorted(found)}


def _download(releases: Mapping[Version, str], folder: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    for version in releases:
        if any(folder.glob(f"{HOST_PACKAGE}-{version}-*.whl")):
            continue
        _tell(f"downloading {version}")
        command = [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps"]
        command += ["--only-binary=:all:", "--python-version", "3.12", "--dest", str(folder)]
        for platform in _PLATFORMS:
            command += ["--platform", platform]
        subprocess.run([*command, f"{HOST_PACKAGE}=={version}"], check=True)


def _choose(folder: Path, dates: Mapping[Version, str]) -> dict[Version, Path]:
    """The archive of each release, oldest first; what the index does not list is left out."""
    found: dict[Version, Path] = {}
    for path in sorted(item for pattern in _ARCHIVES for item in folder.glob(pattern)):
        version = Version(identify_host(path).version)
        if version in dates or not (dates or version.is_prerelease):
            found.setdefault(version, path)
        else:
            _tell(f"left out: {path.name}")
    missing = [str(version) for version in dates if version not in found]
    if missing or not found:
        raise SystemExit(f"no archive in {str(folder)!r} of: {', '.join(missing) or 'any release'}")
    return {version: found[version] for version in sorted(found)}


def _build(
    archives: Mapping[Version, Path], dates: Mapping[Version, str], arguments: argparse.Namespace
) -> bytes:
    cache = ContentCache(arguments.cache or user_cache_directory(), largest=_LARGEST_CACHE)
    extraction = Extraction(cache, processes=arguments.processes, salt=_extractor_digest())
    hosts: list[PackedHost] = []
    for version, path in archives.items():
        _tell(f"extracting {version}")
        with open_sources(path, tops=(HOST_PACKAGE,)) as tree:
            _refuse_partial(path, [item.path for item in tree.skipped])
            extraction.add(tree)
            hosts.append(
                PackedHost(
                    version=str(version),
                    date=dates.get(version, ""),
                    contents=contents_of(tree),
                    compiled=tree.compiled,
                    entry_points=identify_host(path).entry_points,
                )
            )
    for host in hosts:
        for module, content in host.contents.items():
            if extraction.get(module, content).module is None:
                _tell(f"not parsed: {module} of {host.version}")
    _tell("packing")
    return pack_hosts(hosts, extraction, processes=arguments.processes)


def _refuse_partial(path: Path, skipped: Sequence[str]) -> None:
    if skipped:
        raise SystemExit(f"{path.name} cannot be read whole: {', '.join(skipped)}")


def _extractor_digest() -> str:
    """Identify the extractor itself: its version number changes only when a release is made."""
    identity = blake2b(digest_size=8)
    folder = Path(hwcheck.extract.__file__).parent
    for path in (*sorted(folder.glob("*.py")), folder.parent / "model" / "facts.py"):
        identity.update(path.read_bytes())
    return identity.hexdigest()


def _tell(text: str) -> None:
    sys.stderr.write(f"{text}\n")


if __name__ == "__main__":
    main()
