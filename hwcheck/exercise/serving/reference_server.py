"""The reference as a process of its own: a question a line on stdin, an answer a line on stdout.

It imports no vLLM and no plugin, so nothing that they replace can change what it computes.
"""

import os
import sys
from collections.abc import Sequence
from functools import lru_cache
from pathlib import Path
from typing import BinaryIO, Protocol, assert_never

import numpy as np
from numpy.typing import NDArray

from hwcheck.exercise.serving.reference import Decoder
from hwcheck.exercise.serving.reference_lines import (
    Answer,
    Asked,
    Backend,
    Failure,
    Question,
    format_answer,
    parse_question,
)
from hwcheck.exercise.serving.reference_model import adapted, read_model

__all__ = ["answer", "serve"]

#: Models that are kept; a contract uses a model and a few adapters of it by turns.
_KEPT = 8


class _Computes(Protocol):
    def logprobs(self, tokens: Sequence[int]) -> NDArray[np.float64]: ...

    def logits(self, tokens: Sequence[int]) -> NDArray[np.float64]: ...

    def embedding(self, tokens: Sequence[int]) -> NDArray[np.float64]: ...

    def greedy(self, prompt: Sequence[int], count: int) -> list[int]: ...


def serve(questions: BinaryIO, answers: BinaryIO) -> None:
    """Answer every line until there are no more."""
    for line in questions:
        answers.write(format_answer(answer(line)))
        answers.flush()


def answer(line: bytes) -> Answer | Failure:
    """Answer one line, whatever is in it."""
    try:
        return Answer(array=_computed(parse_question(line)))
    # The one who asks wants to know; the next question is another one.
    except Exception as error:
        return Failure(error=f"{type(error).__name__}: {error}")


def _computed(question: Question) -> NDArray[np.float64]:
    decoder = _decoder(question.kind, question.checkpoint, question.adapter)
    match question.what:
        case Asked.LOGPROBS:
            return decoder.logprobs(question.tokens)[question.first :]
        case Asked.LOGITS:
            return decoder.logits(question.tokens)[question.first :]
        case Asked.EMBEDDING:
            return decoder.embedding(question.tokens)
        case Asked.GREEDY:
            tokens = decoder.greedy(question.tokens, question.count)
            return np.asarray(tokens, dtype=np.float64)
        case _:
            assert_never(question.what)


@lru_cache(maxsize=_KEPT)
def _decoder(kind: Backend, checkpoint: str, adapter: str | None) -> _Computes:
    if kind is Backend.TRANSFORMERS:
        # torch takes seconds, and the tiny models need none.
        from hwcheck.exercise.serving.reference_transformers import TransformersDecoder

        return TransformersDecoder(Path(checkpoint), adapter)
    model = read_model(Path(checkpoint))
    return Decoder(model if adapter is None else adapted(model, Path(adapter)))


def main() -> None:
    """Serve on the streams that the process was given."""
    answers = os.fdopen(os.dup(1), "wb")
    # What a library prints must not stand between the answers.
    os.dup2(2, 1)
    serve(sys.stdin.buffer, answers)


if __name__ == "__main__":
    main()
