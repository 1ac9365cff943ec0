"""``hwcheck schema``: the JSON Schema of the documents that hwcheck writes."""

import argparse
import sys
from pathlib import Path

from hwcheck.registry import Registry
from hwcheck.report.output import write_text

__all__ = ["add_parser"]


def add_parser(
    commands: "argparse._SubParsersAction[argparse.ArgumentParser]", registry: Registry
) -> None:
    """Add the command; no extension has a part in it."""
    parser = commands.add_parser(
        "schema",
        help="print the JSON Schema of a document",
        description="Print the JSON Schema (2020-12) of the documents that hwcheck writes.",
    )
    parser.add_argument(
        "document",
        nargs="?",
        choices=["run", "matrix", "matrix-listing"],
        default="run",
        help="of which document (default: %(default)s)",
    )
    parser.add_argument(
        "--output", type=Path, metavar="FILE", help="write to a file (default: standard output)"
    )
    parser.set_defaults(handler=_schema)


def _schema(arguments: argparse.Namespace, registry: Registry) -> int:
    # msgspec stays out of the start-up.
    from hwcheck.codec import encode, run_schema
    from hwcheck.codec_matrix import listing_schema, matrix_schema

    output: Path | None = arguments.output
    make = {"run": run_schema, "matrix": matrix_schema, "matrix-listing": listing_schema}
    text = encode(make[arguments.document]()).decode()
    if output is None:
        sys.stdout.write(text)
    else:
        write_text(output, text)
    return 0
