"""The end of a child's output, as it is shown."""

import os

import pytest

from hwcheck.contain.tail import clean, output_tail


@pytest.fixture
def tail(tmp_path):
    """Return the tail of two texts."""

    def make(stdout, stderr=b""):
        (tmp_path / "out").write_bytes(stdout)
        (tmp_path / "err").write_bytes(stderr)
        return output_tail(tmp_path / "out", tmp_path / "err")

    return make


@pytest.mark.parametrize(
    ("data", "text"),
    [
        (b"\x1b[1;31mred\x1b[0m", "red"),
        (b"\x1b]0;title\x07x\x1b]8;;http://y\x1b\\link", "xlink"),
        (b"\x1b]never ends\nnext", "\nnext"),
        (b"\x1b(Bx\x1b", "x"),
        (b"a\x00\x08\x07\x7fb\tc", "ab\tc"),
        (b"\xff\xfe", "\ufffd\ufffd"),
        ("\u202eevil\u2028\x9b".encode(), "evil"),
        (b"1 %\r50 %\r100 %\r\nnext\r\n", "100 %\nnext"),
        (b"\r", ""),
        (b"\n\n", ""),
    ],
)
def test_clean_leaves_only_what_can_be_shown(data, text):
    """
    Escape sequences, control characters and overwritten text are removed.
    """
    assert clean(data).strip("\n") == text.strip("\n")


def test_tail_holds_the_last_lines(tail):
    """
    Of a long output the end is kept.
    """
    text = tail(b"".join(b"%d\n" % number for number in range(1000)))

    assert text.split("\n") == [str(number) for number in range(940, 1000)]


def test_tail_of_one_long_line_is_cut(tail):
    """
    A line without end does not make the tail long.
    """
    assert tail(b"x" * 200_000) == "x" * 8192


def test_tail_of_two_streams_names_both(tail):
    """
    Each stream gets half of the room.
    """
    text = tail(b"o\n" * 100, b"e\n" * 100)

    assert text == "\n".join(["--- stdout ---", *"o" * 30, "--- stderr ---", *"e" * 30])


def test_tail_of_missing_files_or_pipes_is_empty(tmp_path):
    """
    A child can remove its files or put a pipe in their place.
    """
    os.mkfifo(tmp_path / "err")

    assert output_tail(tmp_path / "out", tmp_path / "err") == ""
