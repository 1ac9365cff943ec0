"""``hwcheck compare``: what got better and worse from one run, or matrix, to another."""

import argparse
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from hwcheck.cli.stored_run import conformance_run_in, read_document, shown
from hwcheck.errors import CodecError, UsageError
from hwcheck.registry import Registry

if TYPE_CHECKING:
    from hwcheck.report.difference import Frame

__all__ = ["add_parser"]

_FORMS = ("terminal", "json", "markdown")


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """What `hwcheck compare` was asked for."""

    old: str
    new: str
    format: str
    output: Path | None


@dataclass(frozen=True, slots=True, kw_only=True)
class _Document:
    """One of the two, read and not yet understood."""

    name: str
    data: bytes
    is_matrix: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class _Compared:
    """What was found: the record, what is told of it, and the exit code."""

    record: object
    frame: "Frame"
    code: int


def add_parser(
    commands: "argparse._SubParsersAction[argparse.ArgumentParser]", registry: Registry
) -> None:
    """Add the command; no extension has a part in it."""
    parser = commands.add_parser(
        "compare",
        help="say what got better and worse from one run, or matrix, to another",
        description="Hold two stored runs against each other, case by case and capability by "
        "capability, or two matrices cell by cell. The exit code is 1 when something got worse, "
        "and 3 when the new one is not complete or the two have nothing in common.",
    )
    parser.add_argument(
        "old",
        metavar="OLD",
        help="a run document, the folder of a matrix or its matrix.json, or - for standard input",
    )
    parser.add_argument("new", metavar="NEW", help="the same of the new one")
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
    from hwcheck.report.difference import render_markdown, render_text
    from hwcheck.report.output import write_text

    settings = Settings(
        old=arguments.old, new=arguments.new, format=arguments.format, output=arguments.output
    )
    old, new = _read(settings.old), _read(settings.new)
    found = _matrices(old, new) if old.is_matrix and new.is_matrix else _runs(old, new)
    match settings.format:
        case "json":
            text = encode(found.record).decode()
        case "markdown":
            text = render_markdown(found.frame)
        case _:
            text = render_text(found.frame)
    if settings.output is None:
        sys.stdout.write(text)
    else:
        write_text(settings.output, text)
    return found.code


def _read(document: str) -> _Document:
    from hwcheck.codec_matrix import names_matrix
    from hwcheck.matrix.writers import MATRIX_FILE

    name = str(Path(document) / MATRIX_FILE) if Path(document).is_dir() else document
    data = read_document(name)
    try:
        return _Document(name=name, data=data, is_matrix=names_matrix(data, shown(name)))
    except CodecError as error:
        # The documents are what the user gave, so that one is none is wrong usage.
        raise UsageError(str(error)) from error


def _runs(old: _Document, new: _Document) -> _Compared:
    from hwcheck.report.difference import exit_code
    from hwcheck.report.run_difference import frame_of
    from hwcheck.run.difference import compare_runs

    before, after = (
        None if item.is_matrix else conformance_run_in(item.data, item.name) for item in (old, new)
    )
    if before is None or after is None:
        kinds = ["matrix" if item.is_matrix else "run" for item in (old, new)]
        raise UsageError(
            f"{old.name!r} is a {kinds[0]} and {new.name!r} a {kinds[1]}: they cannot be compared"
            "\n  give two runs, or two matrices"
        )
    found = compare_runs(before, after, old_source=old.name, new_source=new.name)
    return _Compared(record=found, frame=frame_of(found), code=exit_code(found))


def _matrices(old: _Document, new: _Document) -> _Compared:
    from hwcheck.codec_matrix import decode_matrix
    from hwcheck.matrix.difference import compare_matrices
    from hwcheck.report.difference import exit_code
    from hwcheck.report.matrix_difference import frame_of

    try:
        before, after = (decode_matrix(item.data, shown(item.name)) for item in (old, new))
    except CodecError as error:
        raise UsageError(str(error)) from error
    found = compare_matrices(before, after, old_source=old.name, new_source=new.name)
    return _Compared(record=found, frame=frame_of(found), code=exit_code(found))
