"""Questions to the reference and its answers as lines."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from hwcheck.exercise.serving.reference_lines import (
    Answer,
    Asked,
    Backend,
    Failure,
    Question,
    format_answer,
    format_question,
    parse_answer,
    parse_question,
)

QUESTIONS = st.builds(
    Question,
    checkpoint=st.text(),
    adapter=st.none() | st.text(),
    tokens=st.lists(st.integers(0, 1 << 20)).map(tuple),
    what=st.sampled_from(Asked),
    first=st.integers(0, 100),
    count=st.integers(0, 100),
    kind=st.sampled_from(Backend),
)


@given(QUESTIONS)
def test_question_comes_back_from_its_line(question):
    """
    What is asked is what is read, whatever the name of the folder, and on one line.
    """
    line = format_question(question)

    assert line.index(b"\n") == len(line) - 1
    assert question == parse_question(line)


@given(st.lists(st.floats(allow_nan=False), min_size=6, max_size=6))
def test_numbers_come_back_exactly(numbers):
    """
    Every float64 survives, -inf too, and the shape with it.
    """
    array = np.array(numbers).reshape(2, 3)

    answer = parse_answer(format_answer(Answer(array=array)))

    assert isinstance(answer, Answer)
    assert array.tolist() == answer.array.tolist()


def test_failure_comes_back():
    """
    A message of several lines is one line on the way.
    """
    failure = Failure(error="two\nlines")

    line = format_answer(failure)

    assert line.count(b"\n") == 1
    assert failure == parse_answer(line)


@pytest.mark.parametrize(
    "line",
    [
        b"no json",
        b"[]",
        b'{"checkpoint": "a", "tokens": [1]}',
        b'{"checkpoint": "a", "tokens": 1, "what": "logprobs"}',
        b'{"checkpoint": "a", "tokens": [true], "what": "logprobs"}',
        b'{"checkpoint": "a", "tokens": [1], "what": "poem"}',
    ],
)
def test_what_is_no_question_is_refused(line):
    """
    A line that is no question is an error that can be answered.
    """
    with pytest.raises(ValueError, match=r".+"):
        parse_question(line)


@pytest.mark.parametrize(
    "line",
    [b"", b"{}", b'{"shape": [2], "data": "AAAA"}', b'{"shape": [0], "data": "?"}'],
)
def test_what_is_no_answer_is_refused(line):
    """
    Bytes that do not fit their shape are no answer.
    """
    with pytest.raises(ValueError, match=r".+"):
        parse_answer(line)
