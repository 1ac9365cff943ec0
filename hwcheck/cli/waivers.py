"""``hwcheck waivers check``: what is wrong with the waivers of a repository, without a run."""

import argparse
import os
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from hwcheck.cli.day import day
from hwcheck.errors import UsageError
from hwcheck.model.waiver import WaiverUse
from hwcheck.registry import Registry
from hwcheck.report.escaping import visible

__all__ = ["add_parser"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """What `hwcheck waivers check` was asked for."""

    config: Path
    """A file, or a folder that has one."""
    host: str
    today: date
    is_json: bool


def add_parser(
    commands: "argparse._SubParsersAction[argparse.ArgumentParser]", registry: Registry
) -> None:
    """Add the command with its own command."""
    parser = commands.add_parser(
        "waivers",
        help="check the waivers of a repository without a run",
        description="What concerns the waivers in hwcheck.toml.",
    )
    inner = parser.add_subparsers(title="commands", metavar="COMMAND", required=True)
    check = inner.add_parser(
        "check",
        help="say which waivers every run would call wrong",
        description="Read hwcheck.toml, or [tool.hwcheck] in pyproject.toml, and say which waivers "
        "are expired or name no contract. No plugin, no vLLM and no network is needed. The exit "
        "code is 1 when one is wrong, and 2 when the file cannot be read.",
    )
    check.add_argument(
        "config",
        metavar="FILE",
        nargs="?",
        type=Path,
        default=Path(),
        help="the file, or the folder that has it (default: this folder)",
    )
    check.add_argument(
        "--host",
        metavar="VERSION",
        default="",
        help="the vLLM for which ends that are releases are looked at (default: none has come)",
    )
    check.add_argument(
        "--today",
        type=day,
        metavar="DATE",
        help="the day on which ends are looked at (default: today)",
    )
    check.add_argument(
        "--format",
        choices=("terminal", "json"),
        default="terminal",
        help="the form (default: %(default)s)",
    )
    check.set_defaults(handler=_check)


def _check(arguments: argparse.Namespace, registry: Registry) -> int:
    # Imported here: the codec and the contracts of the suites stay out of the start-up.
    from hwcheck.api import known_contracts
    from hwcheck.codec import encode
    from hwcheck.config import find_config, read_config
    from hwcheck.waivers.apply import WaiverBook
    from hwcheck.waivers.without_run import check_waivers

    settings = Settings(
        config=arguments.config,
        host=_version(arguments.host),
        today=arguments.today or date.today(),
        is_json=arguments.format == "json",
    )
    found = (find_config if settings.config.is_dir() else read_config)(settings.config)
    if not found.source:
        raise UsageError(
            f"no hwcheck.toml and no [tool.hwcheck] in {str(settings.config)!r}"
            "\n  name the file; `hwcheck init` writes one"
        )
    known = frozenset(item.id for item in known_contracts(registry, os.environ))
    book = WaiverBook(waivers=found.waivers, today=settings.today)
    uses = check_waivers(book, known, settings.host)
    if settings.is_json:
        sys.stdout.write(encode(uses).decode())
    else:
        sys.stdout.writelines(f"{line}\n" for line in _lines(uses, found.source))
    return int(any(use.standing.is_fault for use in uses))


def _lines(uses: Sequence[WaiverUse], source: str) -> Iterator[str]:
    for use in uses:
        standing = use.standing if use.standing.is_fault else "fine"
        yield visible(f"{standing}: {use.waiver.id}: {use.detail} ({use.waiver.owner})")
    wrong = sum(use.standing.is_fault for use in uses)
    yield visible(f"{source}: {len(uses)} waivers, {wrong} of them wrong")


def _version(text: str) -> str:
    # packaging is slow to import.
    from packaging.version import InvalidVersion, Version

    if not text:
        return ""
    try:
        return str(Version(text))
    except InvalidVersion:
        raise UsageError(f"--host: {text!r} is no release of vLLM such as 0.34.0") from None
