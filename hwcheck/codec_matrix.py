"""The matrix to JSON and back, beside `codec`, which has the documents of runs."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final, Literal

import msgspec

from hwcheck.codec import Document, decode_line, encode
from hwcheck.errors import CodecError
from hwcheck.model.matrix import Matrix
from hwcheck.model.matrix_attempt import Attempt
from hwcheck.model.matrix_listing import LISTING_SCHEMA, LISTING_VERSION, Listing

__all__ = [
    "MATRIX_SCHEMA",
    "MATRIX_VERSION",
    "decode_attempts",
    "decode_matrix",
    "encode_attempts",
    "encode_matrix",
    "listing_schema",
    "matrix_schema",
    "names_matrix",
]

MATRIX_SCHEMA: Final = "hwcheck.matrix"
MATRIX_VERSION: Final = 1

_WANTED = "give the matrix.json that `hwcheck matrix build` wrote"


@dataclass(frozen=True, slots=True, kw_only=True)
class MatrixDocument:
    """What is stored of a matrix; its name is the one in the schema."""

    schema: Literal["hwcheck.matrix"]
    version: Literal[1]
    matrix: Matrix


class _Named(msgspec.Struct):
    schema: object = None


@dataclass(frozen=True, slots=True, kw_only=True)
class _Attempts:
    schema: Literal["hwcheck.attempts"]
    version: Literal[1]
    attempts: tuple[Attempt, ...]


def encode_matrix(matrix: Matrix) -> bytes:
    """Write a matrix as a document that names its schema and version."""
    return encode(MatrixDocument(schema=MATRIX_SCHEMA, version=MATRIX_VERSION, matrix=matrix))


def decode_matrix(data: bytes, source: str) -> Matrix:
    """Read a matrix; `source` is what messages call the document.

    Raises CodecError: no JSON, truncated, another kind of document, another version, a wrong field.
    """
    document = decode_line(data, dict[str, object], source)
    if document.get("schema") != MATRIX_SCHEMA:
        found = repr(document["schema"]) if "schema" in document else "no schema"
        raise _refusal(
            source, f"{found} at `$.schema` where {MATRIX_SCHEMA!r} is expected", _WANTED
        )
    version = document.get("version")
    if isinstance(version, int) and version > MATRIX_VERSION:
        raise _refusal(
            source,
            f"version {version} of {MATRIX_SCHEMA!r} at `$.version`; "
            f"this hwcheck reads up to {MATRIX_VERSION}, it was made by a newer hwcheck",
            "upgrade hwcheck",
        )
    try:
        return msgspec.convert(document, MatrixDocument).matrix
    except msgspec.ValidationError as error:
        raise _refusal(
            source,
            f"a field is not as version {MATRIX_VERSION} of the schema says: {error}",
            "it was changed by hand or by another tool: use the document that hwcheck wrote",
        ) from None


def names_matrix(data: bytes, source: str) -> bool:
    """Whether a document says of itself that it is a matrix; nothing else of it is looked at.

    Raises CodecError: no JSON, truncated, no object.
    """
    return decode_line(data, _Named, source).schema == MATRIX_SCHEMA


def encode_attempts(attempts: Iterable[Attempt]) -> bytes:
    """Write the attempts beside a matrix that gave no run."""
    return encode(_Attempts(schema="hwcheck.attempts", version=1, attempts=tuple(attempts)))


def decode_attempts(data: bytes, source: str) -> tuple[Attempt, ...]:
    """Read what `encode_attempts` wrote.

    Raises CodecError: no JSON, truncated, another kind of document, a wrong field.
    """
    return decode_line(data, _Attempts, source).attempts


def matrix_schema() -> Document:
    """Make the JSON Schema (2020-12) of matrix documents."""
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": f"urn:hwcheck:schema:matrix:{MATRIX_VERSION}",
        "title": f"{MATRIX_SCHEMA} {MATRIX_VERSION}",
        **msgspec.json.schema(MatrixDocument),
    }


def listing_schema() -> Document:
    """Make the JSON Schema (2020-12) of the listing beside a matrix."""
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": f"urn:hwcheck:schema:matrix-listing:{LISTING_VERSION}",
        "title": f"{LISTING_SCHEMA} {LISTING_VERSION}",
        **msgspec.json.schema(Listing),
    }


def _refusal(source: str, found: str, remedy: str) -> CodecError:
    return CodecError(f"cannot read {source!r}: {found}\n  {remedy}")
