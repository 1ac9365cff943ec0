"""``hwcheck compare``: what got better and worse from one run to another."""

import argparse
import sys
from dataclasses import dataclass
from pathlib import Path

from hwcheck.cli.stored_run import read_conformance_run
from hwcheck.registry import Registry

__all__ = ["add_parser"]

_FORMS = ("terminal", "json", "markdown")


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """What `hwcheck compare` was asked for."""

    old: str
    new: str
    format: str
    output: Path | None


def add_parser(
    commands: "argparse._SubParsersAction[argparse.ArgumentParser]", registry: Registry
) -> None:
    """Add the command; no extension has a part in it."""
    parser = commands.add_parser(
        "compare",
        help="say what got better and worse from one run to another",
        description="Hold two stored runs against each other, case by case and capability by "
        "capability. The exit code is 1 when something got worse, and 3 when the new run is not "
        "complete or the two have nothing in common.",
    )
    parser.add_argument("old", metavar="OLD", help="a run document, or - for standard input")
    parser.add_argument("new", metavar="NEW", help="a run document")
    parser.add_argument(
        "--format", choices=_FORMS, default="terminal", help="the form (default: %(default)s)"
    )
    parser.add_argument(
        "--output", type=Path, metavar="FILE", help="write to a file (default: standard output)"
    )
    parser.set_defaults(handler=_compare)


def _compare(arguments: argparse.Namespace, registry: Registry) -> int:
    # Imported here: the codec and jinja2 stay out of the start-up.
    from hwcheck.codec import encode
    from hwcheck.report import run_difference
    from hwcheck.report.output import write_text
    from hwcheck.run.difference import compare_runs

    settings = Settings(
        old=arguments.old, new=arguments.new, format=arguments.format, output=arguments.output
    )
    old, new = read_conformance_run(settings.old), read_conformance_run(settings.new)
    found = compare_runs(old, new, old_source=settings.old, new_source=settings.new)
    match settings.format:
        case "json":
            text = encode(found).decode()
        case "markdown":
            text = run_difference.render_markdown(found)
        case _:
            text = run_difference.render_text(found)
    if settings.output is None:
        sys.stdout.write(text)
    else:
        write_text(settings.output, text)
    return run_difference.exit_code(found)
