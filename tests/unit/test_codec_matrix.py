"""The matrix to JSON and back, and what is said of documents that are none."""

import json
from importlib.resources import files
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from hwcheck.codec import encode
from hwcheck.codec_matrix import decode_matrix, encode_matrix, matrix_schema
from hwcheck.errors import CodecError
from hwcheck.model.matrix import Matrix, MatrixProblem, MatrixRun
from hwcheck.model.matrix_cells import CapabilityCell
from hwcheck.model.matrix_static import Breakage, StaticCell

st.register_type_strategy(float, st.floats(allow_nan=False, allow_infinity=False))


def tuples(of):
    """Make tuples of a few records."""
    return st.lists(st.builds(of), max_size=2).map(tuple)


MATRICES = st.builds(
    Matrix,
    plugins=st.just(()),
    checks=tuples(StaticCell),
    breakages=tuples(Breakage),
    runs=tuples(MatrixRun),
    cells=tuples(CapabilityCell),
)


def a_document(**changes):
    """Make the document of a small matrix with other values at its top."""
    matrix = Matrix(
        title="T", hwcheck="0.1.0", made="", problems=(MatrixProblem(subject="x", detail="y"),)
    )
    return json.dumps({**json.loads(encode_matrix(matrix)), **changes}).encode()


@given(matrix=MATRICES)
@settings(
    max_examples=30,
    deadline=None,
    derandomize=True,
    database=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)
def test_matrix_survives_the_round_trip_and_fits_the_schema(matrix):
    """
    Any matrix is read back as it was written, and its document is as the schema says.
    """
    document = encode_matrix(matrix)

    assert decode_matrix(document, "test") == matrix
    Draft202012Validator(matrix_schema()).validate(json.loads(document))


def test_committed_schema_is_that_of_the_records():
    """
    The schema in the package is the one that the records give.
    """
    committed = files("hwcheck") / "schemas" / "matrix-1.schema.json"

    assert committed.read_bytes() == encode(matrix_schema())
    Draft202012Validator.check_schema(matrix_schema())


def test_stored_matrix_is_read():
    """
    A matrix that was published stays readable.
    """
    data = (Path(__file__).parents[1] / "data" / "matrix-1.json").read_bytes()

    found = decode_matrix(data, "matrix-1.json")

    assert len(found.cells) == 225
    assert found.plugins[1].releases[1].window.first == "0.26.0"


@pytest.mark.parametrize(
    ("document", "told"),
    [
        (b"", r"'m\.json': empty"),
        (b'{"schema": "hwcheck.ma', r"truncated: it ends at byte 22"),
        (b"[1]", r"expected `object`"),
        (a_document(schema="hwcheck.run"), r"'hwcheck\.run' at `\$\.schema`"),
        (b"{}", r"no schema at `\$\.schema`"),
        (a_document(version=2), r"version 2 .* newer hwcheck\n  upgrade hwcheck"),
        (a_document(version=None), r"\$\.version"),
        (a_document(matrix={"title": 1}), r"\$\.matrix\.title"),
    ],
    ids=["empty", "truncated", "list", "run", "foreign", "newer", "no-version", "field"],
)
def test_other_documents_are_refused_with_the_place(document, told):
    """
    What is no matrix is refused in words that name the document and the place in it.
    """
    with pytest.raises(CodecError, match=told):
        decode_matrix(document, "m.json")
