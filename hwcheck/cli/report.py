"""``hwcheck report``: render a stored run again."""

import argparse
import sys
from dataclasses import dataclass
from pathlib import Path

from hwcheck.cli.stored_run import read_conformance_run, read_stored_run
from hwcheck.errors import UsageError
from hwcheck.hooks import Reporter
from hwcheck.model.run import Run
from hwcheck.registry import Registry
from hwcheck.report.output import write_text
from hwcheck.report.rendering import render
from hwcheck.report.shapes import ASCII, shapes_for

__all__ = ["add_parser", "show"]

_TERMINAL = "terminal"
_ISSUE = "issue"


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """What `hwcheck report` was asked for."""

    document: str
    format: str
    output: Path | None
    contract: str | None
    against: tuple[str, ...]


def add_parser(
    commands: "argparse._SubParsersAction[argparse.ArgumentParser]", registry: Registry
) -> None:
    """Add the command, with one format a reporter."""
    parser = commands.add_parser(
        "report",
        help="render a stored run again",
        description="Render a run that was stored as JSON. The exit code is 0 when that worked, "
        "whatever the run found.",
    )
    parser.add_argument("document", metavar="RUN", help="a run document, or - for standard input")
    parser.add_argument(
        "--format",
        choices=[*(reporter.name for reporter in registry.reporters()), _ISSUE],
        default=_TERMINAL,
        help="the form of the report; issue: the text of an issue for one contract that failed "
        "(default: %(default)s)",
    )
    parser.add_argument(
        "--contract", metavar="ID", help="the contract that an issue is about, where several failed"
    )
    parser.add_argument(
        "--against",
        action="append",
        metavar="RUN",
        default=[],
        help="an older run, in which an issue looks for the last pass (may be given again)",
    )
    parser.add_argument(
        "--output",
        type=Path,
        metavar="FILE",
        help="write to a file, replaced only when the report is whole (default: standard output)",
    )
    parser.set_defaults(handler=_report)


def show(run: Run, reporter: Reporter) -> None:
    """Print a run to standard output, with colour when that is a terminal.

    Raises ReportError: the reporter failed.
    """
    if reporter.name != _TERMINAL:
        # These forms are UTF-8 whatever the terminal's encoding is: XML and JSON say so.
        text = render(reporter, run)
        sys.stdout.flush()
        sys.stdout.buffer.write(text.encode("utf-8", "backslashreplace"))
        sys.stdout.buffer.flush()
        return
    # rich stays out of the start-up.
    from rich.console import Console

    from hwcheck.report import check_terminal, terminal

    ascii_only = shapes_for(sys.stdout.encoding) is ASCII
    if run.check is not None:
        if sys.stdout.isatty():
            check_terminal.print_check(run, Console(file=sys.stdout))
        else:
            sys.stdout.write(check_terminal.render(run, ascii_only=ascii_only))
    elif sys.stdout.isatty():
        terminal.print_run(run, Console(file=sys.stdout))
    else:
        sys.stdout.write(terminal.render(run, ascii_only=ascii_only))


def _report(arguments: argparse.Namespace, registry: Registry) -> int:
    settings = Settings(
        document=arguments.document,
        format=arguments.format,
        output=arguments.output,
        contract=arguments.contract,
        against=tuple(arguments.against),
    )
    if settings.format == _ISSUE:
        return _issue(settings)
    if settings.contract is not None or settings.against:
        raise UsageError("--contract and --against go with --format issue only")
    run = read_stored_run(settings.document)
    reporter = next(item for item in registry.reporters() if item.name == settings.format)
    if settings.output is None:
        show(run, reporter)
    else:
        write_text(settings.output, render(reporter, run))
    return 0


def _issue(settings: Settings) -> int:
    # jinja2 stays out of the start-up.
    from hwcheck.report.issue import render_issue

    run = read_conformance_run(settings.document)
    older = [read_conformance_run(document) for document in settings.against]
    text = render_issue(run, _contract(run, settings), older)
    if settings.output is None:
        sys.stdout.buffer.write(text.encode("utf-8", "backslashreplace"))
        sys.stdout.buffer.flush()
    else:
        write_text(settings.output, text)
    return 0


def _contract(run: Run, settings: Settings) -> str:
    from hwcheck.report.issue import failed_contracts

    failed = failed_contracts(run)
    if not failed:
        raise UsageError(
            f"in {settings.document!r} no contract is broken or flaky: there is no issue to write"
        )
    if settings.contract is None and len(failed) == 1:
        return failed[0]
    if settings.contract not in failed:
        found = (
            "several contracts failed"
            if settings.contract is None
            else f"contract {settings.contract!r} did not fail"
        )
        raise UsageError(
            f"{found} in {settings.document!r}\n  name one with --contract: {', '.join(failed)}"
        )
    return settings.contract
