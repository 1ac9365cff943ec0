"""``hwcheck init``: a configuration and a CI workflow for the plugin in a folder."""

import argparse
import platform
import re
import sys
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from hwcheck.errors import ReportError, UsageError
from hwcheck.registry import Registry

__all__ = ["add_parser"]

#: It stands in YAML and in a shell's line.
_PLAIN = re.compile(r"[A-Za-z0-9_][\w.-]*", re.ASCII)


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """What `hwcheck init` was asked for."""

    folder: Path
    platform: str | None
    force: bool


def add_parser(
    commands: "argparse._SubParsersAction[argparse.ArgumentParser]", registry: Registry
) -> None:
    """Add the command; no extension has a part in it."""
    parser = commands.add_parser(
        "init",
        help="write hwcheck.toml and a CI workflow for the plugin in this folder",
        description="Write hwcheck.toml and .github/workflows/hwcheck.yml into the source tree of "
        "a plugin. Nothing that is there is overwritten without --force.",
    )
    parser.add_argument(
        "folder", metavar="DIR", nargs="?", type=Path, default=Path(), help="default: this one"
    )
    parser.add_argument(
        "--platform",
        metavar="NAME",
        help="the platform's entry point, where it cannot be found in the source or there are two",
    )
    parser.add_argument("--force", action="store_true", help="overwrite what is there")
    parser.set_defaults(handler=_init)


def _init(arguments: argparse.Namespace, registry: Registry) -> int:
    # The templates' engine stays out of the start-up.
    from hwcheck.config import has_table
    from hwcheck.report.output import write_text
    from hwcheck.report.starter import CONFIG, starter_files

    settings = Settings(folder=arguments.folder, platform=arguments.platform, force=arguments.force)
    if not settings.folder.is_dir():
        raise UsageError(f"{str(settings.folder)!r} is no folder\n  name the plugin's source tree")
    name = settings.platform or _found(settings.folder)
    if not _PLAIN.fullmatch(name):
        raise UsageError(f"{name!r} is no name of an entry point that a workflow could hold")
    python = ".".join(platform.python_version_tuple()[:2])
    files = starter_files(name, python=python, today=date.today())
    if has_table(settings.folder):
        # Two configurations would be refused by every run.
        files.pop(CONFIG)
        sys.stderr.write(f"[tool.hwcheck] in pyproject.toml is kept, no {CONFIG} is written\n")
    _refuse_existing(settings, list(files))
    for path, text in files.items():
        _make_folder((settings.folder / path).parent)
        write_text(settings.folder / path, text)
        sys.stderr.write(f"wrote {settings.folder / path}\n")
    sys.stderr.write(f"next: commit them; try it here: hwcheck check {settings.folder}\n")
    return 0


def _found(folder: Path) -> str:
    # Discovery stays out of the start-up.
    from hwcheck.discover.lookup import discover_target
    from hwcheck.model.plugin import Group

    plugins = discover_target(str(folder)).plugins
    names = sorted({point.name for item in plugins for point in item.of_group(Group.PLATFORM)})
    if len(names) == 1:
        return names[0]
    found = f"several platforms: {', '.join(names)}" if names else "no platform entry point"
    raise UsageError(f"{str(folder)!r} declares {found}\n  name one with --platform")


def _refuse_existing(settings: Settings, paths: list[str]) -> None:
    there = [path for path in paths if (settings.folder / path).exists()]
    if there and not settings.force:
        raise UsageError(
            f"there already: {', '.join(there)}; nothing was written"
            "\n  remove them, or overwrite them with --force"
        )


def _make_folder(folder: Path) -> None:
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise ReportError(f"cannot make the folder {str(folder)!r}: {error.strerror}") from error
