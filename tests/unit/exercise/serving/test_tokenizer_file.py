"""The tokenizer and the successors of the tiny models."""

import json

import pytest

from hwcheck.exercise.serving.successors import successors
from hwcheck.exercise.serving.tokenizer_file import (
    SPECIAL,
    THOUGHT,
    byte_token,
    thinking_texts,
    token_texts,
    write_tokenizer,
)

VOCABULARY = 384


def test_every_byte_is_a_token():
    """
    Whatever the text, there are tokens for it.
    """
    texts = token_texts(VOCABULARY)

    assert [bytes([value]) for value in range(256)] == [
        texts[byte_token(value)] for value in range(256)
    ]


def test_texts_of_tokens_differ():
    """
    No two ordinary tokens stand for the same text.
    """
    ordinary = token_texts(VOCABULARY)[len(SPECIAL) :]

    assert len(ordinary) == len(set(ordinary))


def test_common_words_are_one_token():
    """
    A word with its space is a token.
    """
    assert {b" the", b" and", b" that", b" was"} <= set(token_texts(VOCABULARY))


@pytest.mark.parametrize("vocabulary", [258, 2000])
def test_vocabulary_without_room_or_words_is_refused(vocabulary):
    """
    Fewer tokens than bytes, or more than the words fill, are no vocabulary.
    """
    with pytest.raises(ValueError, match="a vocabulary has 259 to "):
        token_texts(vocabulary)


def test_smallest_vocabulary_has_bytes_alone():
    """
    Without room for words there are none.
    """
    assert len(token_texts(259)) == 259


def test_written_vocabulary_has_every_id_once(tmp_path):
    """
    The file names each token, in the letters of byte-level tokenizers.
    """
    write_tokenizer(tmp_path, VOCABULARY, 512)

    document = json.loads((tmp_path / "tokenizer.json").read_text(encoding="utf-8"))
    ids = document["model"]["vocab"]
    assert sorted(ids.values()) == list(range(VOCABULARY))
    assert [byte_token(0), byte_token(32), byte_token(255)] == [ids["Ā"], ids["Ġ"], ids["ÿ"]]


def test_tokens_around_reasoning_are_the_last(tmp_path):
    """
    They take the place of two words, and have no text.
    """
    write_tokenizer(tmp_path, VOCABULARY, 512, is_thinking=True)

    document = json.loads((tmp_path / "tokenizer.json").read_text(encoding="utf-8"))
    ids = document["model"]["vocab"]
    added = {item["content"]: item["id"] for item in document["added_tokens"]}
    assert sorted(ids.values()) == list(range(VOCABULARY))
    assert [added[text] for text in THOUGHT] == [VOCABULARY - 2, VOCABULARY - 1]
    assert thinking_texts(VOCABULARY) == [*token_texts(VOCABULARY)[:-2], b"", b""]


def test_successors_run_in_short_cycles():
    """
    Every ordinary token comes again after five steps at most.
    """
    following = successors(VOCABULARY, 7)

    def length(token: int) -> int:
        place, steps = following[token], 1
        while place != token:
            place, steps = following[place], steps + 1
        return steps

    assert {length(token) for token in range(len(SPECIAL), VOCABULARY)} <= {1, 2, 3, 4, 5}


def test_nothing_is_followed_by_a_special_token():
    """
    A text does not end by itself.
    """
    assert min(successors(VOCABULARY, 7)) >= len(SPECIAL)


def test_what_can_be_read_is_followed_by_what_can_be_read():
    """
    A text stays a text.
    """
    texts = token_texts(VOCABULARY)
    following = successors(VOCABULARY, 7)

    letters = [byte_token(value) for value in b"azAZ09 ~"]
    assert all(texts[following[token]].decode("ascii").isprintable() for token in letters)
