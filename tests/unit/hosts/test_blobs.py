"""Stored bytes: compressed, and as the difference to an anchor."""

import zlib

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hwcheck.errors import CodecError
from hwcheck.hosts.blobs import apply_difference, compress, decompress
from hwcheck.hosts.differences import difference

PIECES = st.lists(st.sampled_from([b"alpha", b"beta", b"", b"gamma", b"d" * 40]), max_size=12)


@settings(max_examples=200, deadline=None, derandomize=True)
@given(anchor=PIECES, pieces=PIECES, dictionary=st.binary(max_size=20))
def test_difference_gives_the_same_bytes_back(anchor, pieces, dictionary):
    """
    Whatever two contents have in common, the difference makes the second of the first.
    """
    stored = difference(anchor, pieces, dictionary)

    assert apply_difference(stored, b"".join(anchor), dictionary) == b"".join(pieces)


@given(data=st.binary(), dictionary=st.binary())
@settings(max_examples=100, deadline=None, derandomize=True)
def test_compressed_bytes_come_back(data, dictionary):
    """
    Compression with any dictionary, also none, loses nothing.
    """
    assert decompress(compress(data, dictionary), dictionary) == data


def test_difference_of_a_changed_piece_is_small():
    """
    Of a long content in which one piece changed, little more than that piece is stored.
    """
    anchor = [f"function {number} has {number * 7919} things".encode() for number in range(500)]
    changed = [*anchor[:250], b"something else altogether", *anchor[251:]]

    assert len(difference(anchor, changed, b"")) < 60


def test_damaged_difference_is_an_error():
    """
    Bytes that are no difference raise what the store turns into a message.
    """
    with pytest.raises((CodecError, zlib.error)):
        apply_difference(b"\x92\x90\xc4\x01\xff", b"", b"")


def test_incomplete_data_is_an_error():
    """
    Compressed data that ends too early is not taken for less data.
    """
    with pytest.raises(zlib.error, match="incomplete"):
        decompress(compress(b"something to store" * 20)[:-4])
