"""``hwcheck check``: hold a plugin's source against vLLM without importing it."""

import argparse
from collections.abc import Iterator
from pathlib import Path

from hwcheck.cli.check_settings import Settings
from hwcheck.cli.work_options import add_work
from hwcheck.model.check import Selection
from hwcheck.model.finding import Severity
from hwcheck.registry import Registry

__all__ = ["add_parser"]

_DESCRIPTION = """\
Hold the source of a plugin against a vLLM release, without importing either.
Without --host, say for every known release whether the plugin fits it.
Findings that are also there on the release that the plugin was made for are counted apart.
"""
_EPILOG = """\
examples:
  hwcheck check .                              which releases of vLLM fit
  hwcheck check . --host 0.33.0                what of 0.33.0 breaks this plugin, and where
  hwcheck check . --from 0.26.0 --host 0.33.0  what a move from one to the other breaks
  hwcheck check . --host ../vllm               the same for a checkout, a wheel or an sdist
"""


def add_parser(
    commands: "argparse._SubParsersAction[argparse.ArgumentParser]", registry: Registry
) -> None:
    """Add the command, with one format a reporter."""
    parser = commands.add_parser(
        "check",
        help="hold a plugin's source against vLLM releases",
        description=_DESCRIPTION,
        epilog=_EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument(
        "target",
        metavar="TARGET",
        help="an installed plugin, a wheel, a source tree, or NAME==VERSION to download with pip",
    )
    _add_hosts(parser)
    _add_selection(parser)
    _add_form(parser, registry)
    add_work(parser)
    parser.set_defaults(handler=_check)


def _add_hosts(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--host",
        metavar="VLLM",
        help="a known release, or a path to a vLLM checkout, sdist, wheel or installed package",
    )
    parser.add_argument(
        "--from",
        dest="baseline",
        metavar="VLLM",
        help="the vLLM that the plugin works with (default: the newest known release that it "
        "requires, else the one with the fewest findings)",
    )
    parser.add_argument(
        "--window", action="store_true", help="with --host: also a line for every known release"
    )
    parser.add_argument(
        "--gate",
        action="append",
        metavar="NAME",
        default=[],
        help="a function of the plugin that compares vLLM's version with its argument, "
        "besides vllm_version_is (may be given again)",
    )


def _add_selection(parser: argparse.ArgumentParser) -> None:
    for option, what in (("--select", "only rules"), ("--ignore", "no rules")):
        parser.add_argument(
            option,
            action="append",
            metavar="PREFIX",
            default=[],
            help=f"{what} whose id begins with it: HW3, HW302 "
            "(several with commas; may be given again)",
        )
    parser.add_argument(
        "--severity",
        choices=[item.value for item in Severity],
        help="list findings from this severity on, and exit with 1 when there are any "
        "(default: errors and warnings are listed, errors give 1)",
    )
    parser.add_argument(
        "-v",
        "--show-standing",
        action="store_true",
        help="also list the findings that are there on the release the plugin was made for",
    )


def _add_form(parser: argparse.ArgumentParser, registry: Registry) -> None:
    parser.add_argument(
        "--format",
        choices=[reporter.name for reporter in registry.reporters()],
        default="terminal",
        help="the form of what is printed (default: %(default)s)",
    )
    parser.add_argument(
        "--output",
        type=Path,
        metavar="DIR",
        help="also write check.json, check.sarif, check.md and junit.xml there",
    )
    parser.add_argument(
        "--report-only", action="store_true", help="exit with 0 although there are findings"
    )


def _check(arguments: argparse.Namespace, registry: Registry) -> int:
    # Imported here: the codec and the analysis are slow to import; only a check needs them.
    from hwcheck.cli.check_session import carry_out

    return carry_out(_settings(arguments), registry)


def _settings(arguments: argparse.Namespace) -> Settings:
    severity = arguments.severity and Severity(arguments.severity)
    return Settings(
        target=arguments.target,
        host=arguments.host,
        baseline=arguments.baseline,
        window=arguments.window,
        selection=Selection(
            select=tuple(_prefixes(arguments.select)),
            ignore=tuple(_prefixes(arguments.ignore)),
            lists=severity or Severity.WARNING,
            fails=severity or Severity.ERROR,
            standing=arguments.show_standing,
        ),
        gates=tuple(arguments.gate),
        jobs=arguments.jobs,
        cache=not arguments.no_cache,
        format=arguments.format,
        output=arguments.output,
        report_only=arguments.report_only,
        words=tuple(_repeated(arguments)),
    )


def _prefixes(values: list[str]) -> Iterator[str]:
    for value in values:
        yield from (word.strip().upper() for word in value.split(",") if word.strip())


def _repeated(arguments: argparse.Namespace) -> Iterator[str]:
    """Give the options that change what a check finds, as they were given."""
    for option, value in (
        ("--from", arguments.baseline),
        ("--host", arguments.host),
        ("--severity", arguments.severity),
    ):
        if value is not None:
            yield from (option, value)
    for option, values in (
        ("--gate", arguments.gate),
        ("--select", arguments.select),
        ("--ignore", arguments.ignore),
    ):
        for value in values:
            yield from (option, value)
    if arguments.window:
        yield "--window"
    if arguments.show_standing:
        yield "--show-standing"
