"""``hwcheck bundle``: a run with its logs in one archive, and the check of such an archive."""

import argparse
import sys
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from hwcheck.cli.stored_run import read_conformance_run
from hwcheck.errors import UsageError
from hwcheck.registry import Registry

__all__ = ["add_parser"]

_VERIFY = "verify"


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """What `hwcheck bundle` was asked for."""

    document: str
    logs: Path | None
    output: Path


def add_parser(
    commands: "argparse._SubParsersAction[argparse.ArgumentParser]", registry: Registry
) -> None:
    """Add the command; no extension has a part in it."""
    parser = commands.add_parser(
        "bundle",
        help="pack a run and its logs as evidence, or verify such a bundle",
        usage="%(prog)s [-h] RUN --output FILE [--keep DIR]\n"
        "       %(prog)s [-h] verify FILE [--today DATE] [--format {terminal,json}]",
        description="Pack a stored run, its logs, its environment and the commands that repeat it "
        "into one archive; the same input gives the same bytes. Or verify such an archive, "
        "offline: the exit code is 1 when something in it does not add up.",
    )
    parser.add_argument("document", metavar="RUN", help="a run document, or the word verify")
    parser.add_argument("file", metavar="FILE", nargs="?", help="the bundle to verify")
    parser.add_argument("--output", type=Path, metavar="FILE", help="the bundle to write")
    parser.add_argument(
        "--keep", type=Path, metavar="DIR", help="the folder that `hwcheck run --keep` was given"
    )
    parser.add_argument(
        "--today", metavar="DATE", help="the day on which the ends of waivers are looked at"
    )
    parser.add_argument("--format", choices=["terminal", "json"], default="terminal")
    parser.set_defaults(handler=_bundle)


def _bundle(arguments: argparse.Namespace, registry: Registry) -> int:
    if arguments.document == _VERIFY and arguments.output is None:
        if arguments.file is None:
            raise UsageError("bundle verify: name the bundle")
        return _verify(arguments.file, arguments.format, _day(arguments.today), registry)
    if arguments.file is not None:
        raise UsageError(f"bundle: {arguments.file!r} is one name too many")
    if arguments.output is None:
        raise UsageError("bundle: name the file to write with --output")
    return _pack(
        Settings(document=arguments.document, logs=arguments.keep, output=arguments.output)
    )


def _pack(settings: Settings) -> int:
    # The codec stays out of the start-up.
    from hwcheck.report.output import write_bytes
    from hwcheck.run.packing import pack_run

    data = pack_run(read_conformance_run(settings.document), settings.logs)
    write_bytes(settings.output, data)
    sys.stderr.write(f"wrote {settings.output}\n")
    return 0


def _verify(file: str, form: str, today: date, registry: Registry) -> int:
    # Imported here: the codec and the discovery stay out of the start-up.
    import os

    import hwcheck
    from hwcheck.api import known_contracts
    from hwcheck.codec import encode
    from hwcheck.report.verified import render
    from hwcheck.run.verifying import verify_bundle

    try:
        data = Path(file).read_bytes()
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or error
        raise UsageError(f"cannot read the bundle {file!r}: {reason}") from error
    found = verify_bundle(
        data,
        file,
        known=known_contracts(registry, os.environ),
        hwcheck=hwcheck.__version__,
        today=today,
    )
    sys.stdout.write(encode(found).decode() if form == "json" else render(found, file))
    return 1 if found.doubts else 0


def _day(given: str | None) -> date:
    if given is None:
        return date.today()
    try:
        return date.fromisoformat(given)
    except ValueError:
        raise UsageError(f"--today: {given!r} is no date such as 2027-01-31") from None
