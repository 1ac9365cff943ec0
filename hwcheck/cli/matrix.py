"""``hwcheck matrix``: many plugins, releases and runs folded into one folder to publish."""

import argparse
from pathlib import Path

from hwcheck.cli.matrix_run import add_run
from hwcheck.cli.matrix_settings import BuildOptions
from hwcheck.cli.work_options import add_work
from hwcheck.registry import Registry

__all__ = ["add_parser"]

_DESCRIPTION = """\
Fold checks and runs of many plugins into plugin x vLLM release x capability.
`build` holds the sources of all plugins against all releases, folds the runs that are there,
and writes a folder that can be published as it is.
"""
_EPILOG = """\
examples:
  hwcheck matrix plan matrix.toml                  what would be done, and how long it takes
  hwcheck matrix run matrix.toml --output site     run plugins in environments of their own
  hwcheck matrix add ci/*.json --to site           put runs from other machines into the folder
  hwcheck matrix build matrix.toml --output site   make or renew the folder
"""


def add_parser(
    commands: "argparse._SubParsersAction[argparse.ArgumentParser]", registry: Registry
) -> None:
    """Add the command with its own commands."""
    parser = commands.add_parser(
        "matrix",
        help="fold checks and runs of many plugins into a folder to publish",
        description=_DESCRIPTION,
        epilog=_EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    inner = parser.add_subparsers(title="commands", metavar="COMMAND", required=True)
    _add_plan(inner)
    add_run(inner)
    _add_add(inner)
    _add_build(inner)


def _add_plan(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    parser = commands.add_parser(
        "plan",
        help="tell what would be looked at and run, and how long that takes",
        description="Tell what a specification leads to, and how long it takes. Nothing is done.",
    )
    _add_specification(parser)
    parser.set_defaults(handler=_plan)


def _add_add(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    parser = commands.add_parser(
        "add",
        help="put run documents into the folder of a matrix",
        description="Put run documents into the folder of a matrix, each content once, older "
        "ones brought up to date. What cannot be read is told, the rest is added all the same.",
    )
    parser.add_argument(
        "runs", metavar="RUN", nargs="+", help="a run document, a folder of them, or a pattern"
    )
    parser.add_argument(
        "--to",
        type=Path,
        metavar="DIR",
        default=Path("matrix"),
        help="the folder of the matrix (default: %(default)s)",
    )
    parser.set_defaults(handler=_add)


def _add_build(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    parser = commands.add_parser(
        "build",
        help="make or renew the folder that is published",
        description="Hold the sources of all plugins against all releases of vLLM, fold the runs "
        "that are there, and write what is published. The same input gives the same bytes.",
    )
    _add_specification(parser)
    parser.add_argument(
        "--output",
        type=Path,
        metavar="DIR",
        default=Path("matrix"),
        help="the folder; runs and history in it are continued (default: %(default)s)",
    )
    parser.add_argument(
        "--date",
        type=_date,
        help="the date of the matrix as ISO 8601 (default: that of the newest run)",
    )
    add_work(parser)
    parser.set_defaults(handler=_build)


def _add_specification(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "specification",
        type=Path,
        metavar="SPEC",
        help="a matrix.toml: plugins, hosts, profiles and runs",
    )


def _plan(arguments: argparse.Namespace, registry: Registry) -> int:
    # Imported here, as below: msgspec and the analysis stay out of the start-up.
    from hwcheck.cli.matrix_session import show_plan

    return show_plan(arguments.specification)


def _add(arguments: argparse.Namespace, registry: Registry) -> int:
    from hwcheck.cli.matrix_session import add

    return add(tuple(arguments.runs), arguments.to)


def _build(arguments: argparse.Namespace, registry: Registry) -> int:
    from hwcheck.cli.matrix_session import carry_out

    options = BuildOptions(
        specification=arguments.specification,
        output=arguments.output,
        date=arguments.date,
        jobs=arguments.jobs,
        cache=not arguments.no_cache,
    )
    return carry_out(options, registry)


def _date(text: str) -> str:
    from datetime import datetime

    try:
        datetime.fromisoformat(text)
    except ValueError:
        raise argparse.ArgumentTypeError(
            f"{text!r} is no date such as 2026-11-30 or 2026-11-30T12:00:00+00:00"
        ) from None
    return text
