"""What is asked of the reference and what it answers: one line of JSON each."""

import base64
import json
from dataclasses import dataclass
from enum import StrEnum

import numpy as np
from numpy.typing import NDArray

__all__ = [
    "Answer",
    "Asked",
    "Backend",
    "Failure",
    "Question",
    "format_answer",
    "format_question",
    "parse_answer",
    "parse_question",
]


class Asked(StrEnum):
    """What is to be computed."""

    LOGPROBS = "logprobs"
    LOGITS = "logits"
    GREEDY = "greedy"
    EMBEDDING = "embedding"


class Backend(StrEnum):
    """Who computes it."""

    NUMPY = "numpy"
    #: For a checkpoint that somebody brings along, in float32.
    TRANSFORMERS = "transformers"


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """One thing to compute."""

    checkpoint: str
    tokens: tuple[int, ...]
    what: Asked
    adapter: str | None = None
    #: Position of the first row that is wanted; a large vocabulary makes long lines.
    first: int = 0
    #: Tokens to generate.
    count: int = 0
    kind: Backend = Backend.NUMPY


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """An array in float64; tokens are whole numbers in it."""

    array: NDArray[np.float64]


@dataclass(frozen=True, slots=True, kw_only=True)
class Failure:
    """Why there is no answer."""

    error: str


def format_question(question: Question) -> bytes:
    """Write a question as one line."""
    content = {
        "checkpoint": question.checkpoint,
        "adapter": question.adapter,
        "tokens": list(question.tokens),
        "what": question.what.value,
        "first": question.first,
        "count": question.count,
        "kind": question.kind.value,
    }
    return json.dumps(content).encode() + b"\n"


def parse_question(line: bytes) -> Question:
    """Read what `format_question` wrote.

    Raises ValueError: it is no question.
    """
    content = _object(line)
    try:
        adapter = content.get("adapter")
        return Question(
            checkpoint=str(content["checkpoint"]),
            adapter=None if adapter is None else str(adapter),
            tokens=_tokens(content["tokens"]),
            what=Asked(str(content["what"])),
            first=_whole(content.get("first", 0)),
            count=_whole(content.get("count", 0)),
            kind=Backend(str(content.get("kind", Backend.NUMPY.value))),
        )
    except KeyError as error:
        raise ValueError(f"a question without {error}") from error


def format_answer(answer: Answer | Failure) -> bytes:
    """Write an answer as one line; numbers are little-endian float64 in base64."""
    if isinstance(answer, Failure):
        return json.dumps({"error": answer.error}).encode() + b"\n"
    array = np.ascontiguousarray(answer.array, dtype="<f8")
    data = base64.b64encode(array.tobytes()).decode("ascii")
    return json.dumps({"shape": list(array.shape), "data": data}).encode() + b"\n"


def parse_answer(line: bytes) -> Answer | Failure:
    """Read what `format_answer` wrote.

    Raises ValueError: it is no answer.
    """
    content = _object(line)
    if "error" in content:
        return Failure(error=str(content["error"]))
    try:
        data = base64.b64decode(str(content["data"]), validate=True)
        shape = _tokens(content["shape"])
    except KeyError as error:
        raise ValueError(f"an answer without {error}") from error
    return Answer(array=np.frombuffer(data, dtype="<f8").astype(np.float64).reshape(shape))


def _object(line: bytes) -> dict[str, object]:
    content = json.loads(line)
    if not isinstance(content, dict):
        raise ValueError(f"{content!r} is no object")
    return content


def _tokens(value: object) -> tuple[int, ...]:
    if not isinstance(value, list):
        raise ValueError(f"{value!r} is no list of whole numbers")
    return tuple(_whole(item) for item in value)


def _whole(value: object) -> int:
    if not isinstance(value, int) or isinstance(value, bool):
        raise ValueError(f"{value!r} is no whole number")
    return value
