"""Reading a run document that the user named."""

import sys
from pathlib import Path

from hwcheck.errors import CodecError, UsageError
from hwcheck.model.run import Run

__all__ = [
    "STDIN",
    "conformance_run_in",
    "read_conformance_run",
    "read_document",
    "read_stored_run",
    "run_in",
    "shown",
]

STDIN = "-"


def read_stored_run(document: str) -> Run:
    """Read a run; ``-`` is standard input.

    Raises UsageError: it cannot be read, or is no run.
    """
    return run_in(read_document(document), document)


def read_conformance_run(document: str) -> Run:
    """Read a run that is no mere check.

    Raises UsageError: it cannot be read, is no run, or holds a check only.
    """
    return conformance_run_in(read_document(document), document)


def conformance_run_in(data: bytes, document: str) -> Run:
    """Read a run that is no mere check from the bytes of a document.

    Raises UsageError: it is no run, or holds a check only.
    """
    run = run_in(data, document)
    if run.check is not None:
        raise UsageError(
            f"{document!r} is what `hwcheck check` found, and holds no outcomes"
            "\n  name a document that `hwcheck run` wrote"
        )
    return run


def run_in(data: bytes, document: str) -> Run:
    """Read a run from the bytes of a document.

    Raises UsageError: it is no run.
    """
    # msgspec stays out of the start-up.
    from hwcheck.codec import decode_run

    try:
        return decode_run(data, shown(document))
    except CodecError as error:
        # The document is what the user gave, so that it is no run is wrong usage.
        raise UsageError(str(error)) from error


def shown(document: str) -> str:
    """How messages call a document."""
    return "standard input" if document == STDIN else document


def read_document(document: str) -> bytes:
    """Read the bytes of a document; ``-`` is standard input.

    Raises UsageError: it cannot be read.
    """
    try:
        return sys.stdin.buffer.read() if document == STDIN else Path(document).read_bytes()
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or error
        raise UsageError(
            f"cannot read the run document {document!r}: {reason}"
            "\n  name a file that `hwcheck run` wrote, or - for standard input"
        ) from error
