"""What a constraint allows, as the finite set of all texts that satisfy it."""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import permutations, product

from hwcheck.exercise.serving.tokenizer_file import EOS

__all__ = ["Language", "allowed_tokens", "json_texts", "spelled"]

_BLANKS = b" \t\r\n"


@dataclass(frozen=True, slots=True, kw_only=True)
class Language:
    """All texts that satisfy a constraint."""

    texts: tuple[bytes, ...]
    is_spaced: bool = False
    """Whether blanks may stand anywhere; then texts are compared without."""
    _begun: frozenset[bytes] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        begun = {text[:end] for text in self.texts for end in range(len(text) + 1)}
        object.__setattr__(self, "_begun", frozenset(begun))

    def holds(self, text: bytes, *, is_whole: bool) -> bool:
        """Whether a text is in the language; one that is not whole, whether it can become so."""
        plain = text.translate(None, _BLANKS) if self.is_spaced else text
        return plain in (self.texts if is_whole else self._begun)


def json_texts(choices: Mapping[str, Sequence[object]]) -> tuple[bytes, ...]:
    """Return all objects with one of the values for each key, in any order and without blanks."""
    found = []
    for order in permutations(choices):
        for values in product(*(choices[key] for key in order)):
            made = dict(zip(order, values, strict=True))
            found.append(json.dumps(made, separators=(",", ":")).encode())
    return tuple(found)


def spelled(tokens: Iterable[int], texts: Sequence[bytes]) -> bytes:
    """Return the text of tokens; special ones have none."""
    return b"".join(texts[token] for token in tokens)


def allowed_tokens(language: Language, text: bytes, texts: Sequence[bytes]) -> list[int]:
    """Return the tokens that may follow a text, of which the end is one where it is whole."""
    found = [
        token
        for token, more in enumerate(texts)
        if more and language.holds(text + more, is_whole=False)
    ]
    return [*found, EOS] if language.holds(text, is_whole=True) else found
