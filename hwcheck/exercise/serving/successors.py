"""The fixed successor of each token, in short cycles, which the tiny models prefer."""

import hashlib

from hwcheck.exercise.serving.tokenizer_file import SPECIAL, token_texts

__all__ = ["successors"]

#: Cycles of these lengths by turns: short enough that a few dozen tokens repeat.
_LENGTHS = (3, 4, 5)


def successors(vocabulary: int, seed: int) -> list[int]:
    """Return which token the models prefer after each.

    A token that can be read is followed by one that can be read, so texts stay texts. No token is
    followed by a special one.
    """
    texts = token_texts(vocabulary)
    ordinary = range(len(SPECIAL), vocabulary)
    readable = [
        token
        for token in ordinary
        if texts[token].decode("latin-1").isprintable() and texts[token].isascii()
    ]
    others = [token for token in ordinary if token not in readable]
    following = list(range(vocabulary))
    for group in (readable, others):
        _link(_shuffled(group, seed), following)
    for token in range(len(SPECIAL)):
        following[token] = readable[token]
    return following


def _shuffled(tokens: list[int], seed: int) -> list[int]:
    return sorted(tokens, key=lambda token: hashlib.sha256(f"{seed}:{token}".encode()).digest())


def _link(tokens: list[int], following: list[int]) -> None:
    start = turn = 0
    while start < len(tokens):
        cycle = tokens[start : start + _LENGTHS[turn % len(_LENGTHS)]]
        for place, token in enumerate(cycle):
            following[token] = cycle[(place + 1) % len(cycle)]
        start += len(cycle)
        turn += 1
