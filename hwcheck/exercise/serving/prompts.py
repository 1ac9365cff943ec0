"""The prompts of the serving contracts: tokens of the tiny models, the same in every run."""

from random import Random

__all__ = ["PROMPTS", "random_prompt"]

#: Bytes and words; what comes before them is the tokenizer's own.
_FIRST = 10


def random_prompt(length: int, seed: int, vocabulary: int = 384) -> tuple[int, ...]:
    """Draw the tokens of one prompt."""
    draw = Random(f"{seed}:{length}")
    return tuple(draw.randrange(_FIRST, vocabulary) for _ in range(length))


#: Shorter and longer than a block and than a step, and of one token.
PROMPTS = tuple(random_prompt(length, 1) for length in (7, 1, 16, 33, 100, 64, 5, 48))
