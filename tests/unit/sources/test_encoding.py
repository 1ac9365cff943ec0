"""Bytes of Python files to text."""

import pytest

from hwcheck.sources import UndecodableError, decode


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        (b"a = 1\n", "a = 1\n"),
        ("\ufeffa = 'é'\n".encode(), "a = 'é'\n"),
        ("# coding: latin-1\na = 'é'\n".encode("latin-1"), "# coding: latin-1\na = 'é'\n"),
    ],
)
def test_decode_by_mark_comment_or_default(data, expected):
    """
    The byte-order mark and the coding comment count, else UTF-8.
    """
    assert decode(data) == expected


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (b"a = 'caf\xe9'\n", "invalid or missing encoding declaration|byte 8 is not utf-8"),
        (b"a = 1\nb = 2\nc = '\xe9'\n", "byte 17 is not utf-8"),
        ("a = 1\n".encode("utf-16"), "."),
        (b"# coding: klingon\n", "unknown encoding"),
        (b"a = 1\0\n", "null bytes"),
        (b"# coding: hex\na\n", "."),
    ],
)
def test_other_encodings_are_refused(data, message):
    """
    What is not text in its encoding is refused with the reason.
    """
    with pytest.raises(UndecodableError, match=message):
        decode(data)
