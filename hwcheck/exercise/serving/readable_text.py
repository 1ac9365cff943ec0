"""Prompts of readable tokens, which the tiny models continue with such, and the texts of tokens."""

from collections.abc import Sequence
from random import Random

from hwcheck.exercise.serving.tokenizer_file import SPECIAL, token_texts

__all__ = ["is_word_start", "readable_prompt", "readable_tokens", "text_of"]


def readable_tokens(vocabulary: int = 384) -> list[int]:
    """The tokens whose text is printable ASCII."""
    texts = token_texts(vocabulary)
    return [
        token
        for token in range(len(SPECIAL), vocabulary)
        if texts[token].isascii() and texts[token].decode("ascii").isprintable()
    ]


def readable_prompt(length: int, seed: int, vocabulary: int = 384) -> tuple[int, ...]:
    """Draw the tokens of one prompt."""
    draw, tokens = Random(f"readable:{seed}:{length}"), readable_tokens(vocabulary)
    return tuple(draw.choice(tokens) for _ in range(length))


def text_of(tokens: Sequence[int], vocabulary: int = 384) -> str:
    """Join the texts of tokens; special ones have none."""
    texts = token_texts(vocabulary)
    return b"".join(texts[token] for token in tokens).decode("utf-8", "replace")


def is_word_start(letter: str, vocabulary: int = 384) -> bool:
    """Whether a letter with a space before it is one token."""
    return f" {letter}".encode() in token_texts(vocabulary)
