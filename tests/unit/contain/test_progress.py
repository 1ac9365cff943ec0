"""How long a child may be silent, told with a clock of our own."""

import os

import pytest

from hwcheck.contain.exchange import Limits
from hwcheck.contain.progress import Silence

LIMITS = Limits(start=10.0, step=3.0)


@pytest.fixture
def file(tmp_path):
    return tmp_path / "progress.jsonl"


def append(file, text):
    with file.open("a") as stream:
        stream.write(text)


def test_limit_for_the_start_holds_while_there_is_no_file(file):
    """
    A child that has not written anything yet has the longer time of the start.
    """
    silence = Silence(file, LIMITS, now=0.0)

    assert not silence.is_too_long(10.0)
    assert silence.is_too_long(10.1)


def test_each_line_restarts_the_limit(file):
    """
    After the first line the silence is measured from the last one.
    """
    silence = Silence(file, LIMITS, now=0.0)

    for now in (5.0, 7.5, 10.0):
        append(file, "{}\n")
        assert not silence.is_too_long(now)

    assert not silence.is_too_long(13.0)
    assert silence.is_too_long(13.1)


def test_line_with_limit_replaces_the_step_until_the_next(file):
    """
    A line can ask for its own time; the next one without ends that.
    """
    silence = Silence(file, LIMITS, now=0.0)

    append(file, '{}\n{"limit": 50}\n{"lim')
    assert not silence.is_too_long(1.0)
    assert not silence.is_too_long(51.0)
    append(file, 'it": 90}\n{}\n')
    assert not silence.is_too_long(51.0)

    assert silence.is_too_long(54.1)


@pytest.mark.parametrize(
    "line",
    [
        *("", "nonsense", "[]", "3", "[" * 60000),
        *('{"limit": true}', '{"limit": "9"}', '{"limit": -1}'),
        *('{"limit": NaN}', '{"limit": Infinity}', '{"limit": 1' + "0" * 400 + "}"),
    ],
    ids=range(11),
)
def test_line_without_usable_limit_gives_the_step(file, line):
    """
    What the line says otherwise is not our business here.
    """
    silence = Silence(file, LIMITS, now=0.0)

    append(file, line + "\n")
    assert not silence.is_too_long(1.0)
    assert silence.limit == 3.0


def test_part_of_a_line_is_a_sign_of_life_but_sets_no_limit(file):
    """
    A line that is still being written keeps the limit of the start.
    """
    silence = Silence(file, LIMITS, now=0.0)

    append(file, '{"limit"')

    assert not silence.is_too_long(9.0)
    assert not silence.is_too_long(19.0)
    assert silence.limit == 10.0


def test_lines_from_before_the_start_do_not_count(file):
    """
    A file that exists already is watched from its end on.
    """
    append(file, '{"limit": 50}\n')

    silence = Silence(file, LIMITS, now=0.0)

    assert silence.is_too_long(10.1)


def test_shrinking_file_is_no_progress(file):
    """
    A child cannot buy time by cutting its file.
    """
    append(file, "{}\n{}\n")
    silence = Silence(file, LIMITS, now=0.0)

    file.write_text("")

    assert silence.is_too_long(10.1)


def test_pipe_in_the_place_of_the_file_does_not_block(file):
    """
    Only a regular file is read.
    """
    os.mkfifo(file)

    silence = Silence(file, LIMITS, now=0.0)

    assert silence.is_too_long(10.1)
