"""The plugin in a wheel file that is not installed."""

import zipfile
from pathlib import Path

from importlib_metadata import PathDistribution

from hwcheck.discover.entries import Entry
from hwcheck.discover.metadata import identify, read_distribution, ships_host
from hwcheck.errors import DiscoveryError
from hwcheck.model.host_names import names_host, normalise
from hwcheck.model.plugin import Discovery, Group, Origin, Problem, ProblemKind

__all__ = ["day_built", "discover_wheel"]

#: The time of day that tools write which give every build the same date.
_MIDNIGHT = (0, 0, 0)


def discover_wheel(path: str | Path) -> Discovery:
    """Read the metadata inside a wheel, without unpacking it.

    Raises DiscoveryError: it is no readable wheel, or declares nothing for vLLM.
    """
    wheel = Path(path)
    _refuse_non_file(wheel)
    try:
        with zipfile.ZipFile(wheel) as archive:
            return _read(archive, wheel)
    except zipfile.BadZipFile as error:
        raise DiscoveryError(_explain_bad_zip(wheel)) from error
    except OSError as error:
        raise DiscoveryError(
            f"wheel '{wheel}' cannot be read: {error.strerror or error}"
        ) from error


def day_built(path: str | Path) -> str | None:
    """Tell the day on which a wheel was built, by what it says of its newest file.

    ``None`` where it has the stand-in of reproducible builds, or cannot be read.
    """
    try:
        with zipfile.ZipFile(path) as archive:
            newest = max((item.date_time for item in archive.infolist()), default=None)
    except (zipfile.BadZipFile, OSError):
        return None
    if newest is None or newest[3:] == _MIDNIGHT:
        return None
    year, month, day = newest[:3]
    return f"{year:04}-{month:02}-{day:02}"


def _refuse_non_file(wheel: Path) -> None:
    if not wheel.exists():
        raise DiscoveryError(f"there is no wheel at '{wheel}'\n  check the path")
    if wheel.is_dir():
        raise DiscoveryError(
            f"'{wheel}' is a directory, not a wheel\n  name the .whl file, or a source tree"
        )
    if not wheel.is_file():
        raise DiscoveryError(f"'{wheel}' is not a regular file")
    if wheel.stat().st_size == 0:
        raise DiscoveryError(f"wheel '{wheel}' is an empty file\n  build or download it again")


def _explain_bad_zip(wheel: Path) -> str:
    with wheel.open("rb") as stream:
        start = stream.read(4)
    if start == b"PK\x03\x04":
        return (
            f"wheel '{wheel}' is incomplete or damaged: its table of contents cannot be read"
            "\n  build or download it again"
        )
    return f"'{wheel}' is not a wheel: it is no zip archive\n  build or download it again"


def _read(archive: zipfile.ZipFile, wheel: Path) -> Discovery:
    folder = _find_folder(archive, wheel)
    # The library reads zip paths too; only its type for paths is narrower than what it needs.
    distribution = PathDistribution(zipfile.Path(archive, f"{folder}/"))  # type: ignore[arg-type]
    plugin, entries, problems = read_distribution(
        distribution, origin=Origin.WHEEL, location=str(wheel)
    )
    if (plugin is not None and names_host(plugin.name)) or ships_host(distribution):
        raise DiscoveryError(f"'{wheel}' is vLLM itself, not a plugin")
    if plugin is None:
        raise DiscoveryError(_explain_no_plugin(wheel, entries, problems))
    return Discovery(
        plugins=(plugin,),
        problems=tuple(sorted({*problems, *_judge_file_name(folder, wheel)})),
    )


def _find_folder(archive: zipfile.ZipFile, wheel: Path) -> str:
    names = archive.namelist()
    if not names:
        raise DiscoveryError(f"wheel '{wheel}' holds no files\n  build or download it again")
    tops = sorted({name.partition("/")[0] for name in names if "/" in name})
    folders = [name for name in tops if name.endswith(".dist-info")]
    if not folders:
        raise DiscoveryError(
            f"'{wheel}' is a zip archive but not a wheel: it holds no .dist-info folder"
            f"\n  it holds: {', '.join(tops[:5]) or 'no folders'}"
        )
    if len(folders) > 1:
        raise DiscoveryError(
            f"wheel '{wheel}' holds {len(folders)} .dist-info folders, which installers refuse"
            f"\n  found: {', '.join(folders)}\n  build it again in a clean folder"
        )
    return folders[0]


def _explain_no_plugin(
    wheel: Path, entries: tuple[Entry, ...], problems: tuple[Problem, ...]
) -> str:
    groups = sorted({entry.group for entry in entries})
    lines = [
        f"wheel '{wheel}' declares no vLLM plugin",
        f"  looked for: {', '.join(sorted(Group))}",
        f"  it declares: {', '.join(groups) or 'no entry points'}",
        *(f"  {problem.detail}" for problem in problems),
    ]
    return "\n".join(lines)


def _judge_file_name(folder: str, wheel: Path) -> tuple[Problem, ...]:
    identity = identify(folder)
    named = wheel.name.partition("-")[0]
    if identity is None or normalise(identity.name) == normalise(named):
        return ()
    return (
        Problem(
            kind=ProblemKind.BROKEN_METADATA,
            subject=normalise(identity.name),
            detail=f"the wheel is called {wheel.name!r} but holds {folder!r}, "
            "which installers refuse",
            remedy="give the file the name that it was built with",
        ),
    )
