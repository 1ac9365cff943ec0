"""Whether an answer ends where its stop says."""

import pytest

from hwcheck.exercise.serving.engine import Answer
from hwcheck.exercise.serving.readable_text import (
    is_word_start,
    readable_prompt,
    readable_tokens,
    text_of,
)
from hwcheck.exercise.serving.stops import fault_of_text_stop, fault_of_token_stop, text_across
from hwcheck.exercise.serving.tokenizer_file import byte_token


def answer(tokens=(), text="", finish="stop", stop=None) -> Answer:
    return Answer(
        tokens=tuple(tokens),
        text=text,
        finish=finish,
        stop=stop,
        logprobs=None,
        prompt_logprobs=None,
        cached=0,
    )


def spelled(text: str) -> tuple[int, ...]:
    return tuple(byte_token(ord(letter)) for letter in text)


@pytest.mark.parametrize(
    ("found", "words"),
    [
        (answer([5, 6, 9], stop=9), None),
        (answer([5, 6, 7, 8], finish="length"), None),
        (answer([5, 6], finish="length"), "holds none"),
        (answer([5, 6]), "holds none"),
        (answer([5, 9, 6, 7], finish="length"), "goes on"),
        (answer([5, 6, 9], finish="length"), "not told"),
        (answer([5, 6, 9], stop=6), "not told"),
    ],
)
def test_token_stop(found, words):
    """
    The stop token is the last one, and is told to be what stopped the answer.
    """
    fault = fault_of_token_stop(found, {9}, 4)

    assert fault is None if words is None else words in (fault or "")


@pytest.mark.parametrize(
    ("found", "is_included", "words"),
    [
        (answer(spelled("abcd"), "ab", stop="cd"), False, None),
        (answer(spelled("abcd"), "abcd", stop="cd"), True, None),
        (answer(spelled("abcd"), "abcd", stop="cd"), False, "is not 'ab'"),
        (answer(spelled("abcd"), "ab", stop="cd"), True, "is not 'abcd'"),
        (answer(spelled("abcde"), "abcde", finish="length"), False, "goes on"),
        (answer(spelled("abcd"), "ab", finish="length"), False, "not told"),
        (answer(spelled("abc"), "abc", finish="length"), False, None),
        (answer(spelled("abc"), "abc", stop="cd"), False, "does not hold"),
    ],
)
def test_text_stop(found, is_included, words):
    """
    The answer ends with the token that completes the stop, and its text where that is due.
    """
    fault = fault_of_text_stop(found, "cd", is_included=is_included)

    assert fault is None if words is None else words in (fault or "")


@pytest.mark.parametrize(
    ("text", "first", "stop"),
    [("abcd", 0, "ab"), ("abcd", 2, "cd"), ("abab", 2, None), ("a", 0, None)],
)
def test_text_across_tokens(text, first, stop):
    """
    What is found was not there before.
    """
    assert text_across(spelled(text), first) == stop


def test_readable_prompts_stay_readable():
    """
    Prompts are the same in every run, and can be read.
    """
    prompt = readable_prompt(20, 3)

    assert prompt == readable_prompt(20, 3)
    assert set(prompt) <= set(readable_tokens())
    assert text_of(prompt).isprintable()


def test_word_starts():
    """
    The tokenizer joins a space with the first letter of a common word.
    """
    assert is_word_start("t")
    assert not is_word_start("Z")
