"""What is published of a matrix: each writer makes files of it, and reads nothing else."""

from collections.abc import Iterator

from hwcheck.codec_matrix import encode_matrix
from hwcheck.model.matrix import Matrix
from hwcheck.report.matrix_file import MatrixFile, MatrixWriter
from hwcheck.report.matrix_writers import PUBLISHED

__all__ = ["MATRIX_FILE", "WRITERS", "files_of", "make_document"]

#: The document, in a matrix's folder.
MATRIX_FILE = "matrix.json"


def make_document(matrix: Matrix) -> Iterator[MatrixFile]:
    """Make the document for machines."""
    yield MatrixFile(path=MATRIX_FILE, text=encode_matrix(matrix).decode())


#: In the order in which they write.
WRITERS: tuple[MatrixWriter, ...] = (make_document, *PUBLISHED)


def files_of(matrix: Matrix) -> tuple[MatrixFile, ...]:
    """Make all files, before any is written."""
    return tuple(file for make in WRITERS for file in make(matrix))
