"""Requests and end records survive their way through a file."""

import pytest

from hwcheck.contain.exchange import (
    ChildEnd,
    Limits,
    Request,
    read_end,
    read_request,
    write_end,
    write_request,
)
from hwcheck.model.outcome import Cause

END = ChildEnd(
    exit_code=None,
    signal="SIGSEGV",
    cause=Cause.KILLED_BY_SIGNAL,
    ended="killed by SIGSEGV",
    seconds=1.5,
    peak_bytes=7,
    tail="\ufffd\u00e9",
    left_processes=("sleep 60",),
)


def test_request_survives_and_its_file_does_not(tmp_path):
    """
    A request with any environment is read as it was written, by its owner, once.
    """
    request = Request(
        command=("a", "b c"),
        environment={"X": "\udcff\u00e9"},
        directory=tmp_path / "new",
        limits=Limits(step=2.0),
        progress=tmp_path / "p",
        nonce="n",
        parent=1,
    )

    path = write_request(request)

    assert path.stat().st_mode & 0o777 == 0o600
    assert read_request(path) == request
    assert not path.exists()


def test_end_survives(tmp_path):
    """
    An end record is read as it was written.
    """
    write_end(tmp_path / "new", END)

    assert read_end(tmp_path / "new") == END


@pytest.mark.parametrize("text", [None, "", "[]", "{}", '{"cause": "no", "left_processes": []}'])
def test_end_that_cannot_be_read_is_none(tmp_path, text):
    """
    Where a child has written over the record, there is none.
    """
    if text is not None:
        (tmp_path / "end.json").write_text(text)

    assert read_end(tmp_path) is None
