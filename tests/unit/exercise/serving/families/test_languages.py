"""What a constraint allows, as a set of texts."""

from hwcheck.exercise.serving.families.languages import (
    Language,
    allowed_tokens,
    json_texts,
    spelled,
)
from hwcheck.exercise.serving.tokenizer_file import EOS

TEXTS = [b"", b"", b"", b"a", b"b", b"ab", b"c"]
LANGUAGE = Language(texts=(b"ab", b"abc"))


def test_whole_text_is_one_of_the_language():
    """
    A whole text must be in the language; a beginning is not enough.
    """
    assert LANGUAGE.holds(b"ab", is_whole=True)
    assert not LANGUAGE.holds(b"a", is_whole=True)


def test_beginning_of_a_text_is_held_where_it_is_not_whole():
    """
    What was cut off may be any beginning, and nothing else.
    """
    assert LANGUAGE.holds(b"a", is_whole=False)
    assert not LANGUAGE.holds(b"b", is_whole=False)


def test_blanks_count_unless_the_language_is_spaced():
    """
    Only a spaced language is compared without blanks.
    """
    spaced = Language(texts=(b"ab",), is_spaced=True)

    assert spaced.holds(b" a\n b", is_whole=True)
    assert not LANGUAGE.holds(b" ab", is_whole=True)


def test_allowed_tokens_include_longer_ones_and_the_end():
    """
    A token may take several letters, and the end is allowed where the text is whole.
    """
    assert allowed_tokens(LANGUAGE, b"", TEXTS) == [3, 5]
    assert allowed_tokens(LANGUAGE, b"ab", TEXTS) == [6, EOS]


def test_special_tokens_have_no_text():
    """
    The end of a text adds nothing to it.
    """
    assert spelled([5, 6, EOS], TEXTS) == b"abc"


def test_json_texts_come_in_any_order_of_keys():
    """
    Objects do not depend on the order of their keys.
    """
    made = json_texts({"a": (1, 2), "b": (True,)})

    assert len(made) == 4
    assert b'{"b":true,"a":2}' in made
