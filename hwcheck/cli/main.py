"""The entry of the command line: arguments, errors and exit codes."""

import argparse
import io
import os
import sys
from collections.abc import Sequence

import hwcheck
from hwcheck.cli import (
    bundle,
    check,
    compare,
    explain,
    hosts,
    init,
    matrix,
    report,
    run,
    schema,
    waivers,
)
from hwcheck.cli import list as list_command
from hwcheck.cli.lasting import keep_standard_error
from hwcheck.errors import HwcheckError, UsageError
from hwcheck.registry import Registry, load_registry
from hwcheck.report.escaping import visible

__all__ = ["main", "make_parser", "run_and_exit"]

_COMMANDS = (
    list_command,
    check,
    hosts,
    run,
    matrix,
    report,
    compare,
    bundle,
    explain,
    waivers,
    schema,
    init,
)
_LONGEST_LINE = 4000
_EPILOG = (
    "exit codes: 0 clean; 1 findings or broken contracts; 2 wrong usage; "
    "3 hwcheck could not do its work, or could only do a part of it"
)


def run_and_exit() -> None:
    """Run the command line of this process and leave with its exit code."""
    if isinstance(sys.stdout, io.TextIOWrapper):
        # Names from strangers must be shown in any encoding, as standard error does already.
        sys.stdout.reconfigure(errors="backslashreplace")
    keep_standard_error()
    code = main(sys.argv[1:])
    try:
        sys.stdout.flush()
    except OSError as error:
        _silence_stdout()
        if not isinstance(error, BrokenPipeError):
            code = _complain_of_system(error)
    sys.exit(code)


def main(arguments: Sequence[str]) -> int:
    """Run one command and return its exit code."""
    try:
        registry = load_registry()
        parsed = make_parser(registry).parse_args(list(arguments))
        code: int = parsed.handler(parsed, registry)
    except UsageError as error:
        return _complain(error, 2)
    except HwcheckError as error:
        return _complain(error, 3)
    except BrokenPipeError:
        # The reader of our output has gone, as `| head` does.
        _silence_stdout()
        return 3
    except OSError as error:
        return _complain_of_system(error)
    except KeyboardInterrupt:
        sys.stderr.write("hwcheck: interrupted\n")
        return 3
    return code


def make_parser(registry: Registry) -> argparse.ArgumentParser:
    """Make the parser of all commands."""
    parser = argparse.ArgumentParser(
        prog="hwcheck",
        description="Compatibility and conformance of vLLM hardware platform plugins.",
        epilog=_EPILOG,
    )
    parser.add_argument("--version", action="version", version=f"hwcheck {hwcheck.__version__}")
    commands = parser.add_subparsers(title="commands", metavar="COMMAND", required=True)
    for command in _COMMANDS:
        command.add_parser(commands, registry)
    return parser


def _complain(error: HwcheckError, code: int) -> int:
    told = "\n".join(visible(line, _LONGEST_LINE) for line in str(error).split("\n"))
    sys.stderr.write(f"hwcheck: {told}\n")
    return code


def _complain_of_system(error: OSError) -> int:
    # No room on the disk, an unreadable folder, a name that is too long.
    sys.stderr.write(f"hwcheck: the system refused: {visible(str(error))}\n")
    return 3


def _silence_stdout() -> None:
    # Otherwise the interpreter would complain once more when it flushes at its end.
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
