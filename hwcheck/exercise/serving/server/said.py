"""What the API said to one request, plain or in pieces, and how it is judged."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from typing import Any

from hwcheck.exercise.serving.precision import TOLERANCES, Distance, compare_tokens
from hwcheck.exercise.serving.reference_client import Reference
from hwcheck.exercise.serving.server.running_server import Server
from hwcheck.exercise.serving.server.serve_command import MODEL

__all__ = [
    "HOW",
    "Said",
    "complete",
    "counts_fault",
    "distance",
    "encoded",
    "said_in",
    "text_fault",
]

#: How every request is made, so that its answer is known. The token ids are vLLM's addition.
HOW: dict[str, Any] = {
    "model": MODEL,
    "temperature": 0.0,
    "extra_body": {"ignore_eos": True, "return_token_ids": True},
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Said:
    """One answer, put together where it came in pieces."""

    prompt: tuple[int, ...] | None
    """The tokens of the prompt, where they are told."""
    tokens: tuple[int, ...]
    text: str
    finish: str | None
    counts: tuple[int, int, int] | None
    """The usage that is told: tokens of the prompt, of the answer, and of both."""


def complete(server: Server, prompt: str | Sequence[int], new: int) -> Said:
    """Ask for a completion that is not streamed."""
    asked = prompt if isinstance(prompt, str) else list(prompt)
    return said_in([server.client.completions.create(prompt=asked, max_tokens=new, **HOW)])


def said_in(pieces: Iterable[Any]) -> Said:
    """Put an answer together; a plain one is a single piece."""
    prompt: tuple[int, ...] | None = None
    tokens: list[int] = []
    text, finish, counts = "", None, None
    for piece in pieces:
        if piece.usage is not None:
            usage = piece.usage
            counts = (usage.prompt_tokens, usage.completion_tokens, usage.total_tokens)
        for choice in piece.choices:
            # Completions tell the prompt in the choice, chats beside it.
            for holder in (choice, piece):
                told = getattr(holder, "prompt_token_ids", None)
                prompt = prompt if told is None else tuple(told)
            tokens += getattr(choice, "token_ids", None) or ()
            text += _text(choice)
            finish = choice.finish_reason or finish
    return Said(prompt=prompt, tokens=tuple(tokens), text=text, finish=finish, counts=counts)


def encoded(folder: Path, text: str) -> tuple[int, ...]:
    """Return the tokens of a text by the model's own tokenizer, without the server."""
    return tuple(_tokenizer(folder).encode(text, add_special_tokens=False).ids)


def distance(server: Server, reference: Reference, prompt: Sequence[int], said: Said) -> Distance:
    """Compare greedy tokens with the reference, on the server's own tokens."""
    dtype = server.dtype if server.dtype in TOLERANCES else "bfloat16"
    rows = reference.logprobs((*prompt, *said.tokens))
    return compare_tokens(prompt, said.tokens, rows, dtype)


def counts_fault(said: Said, prompt: Sequence[int], new: int) -> str | None:
    """Tell what is wrong with the number of tokens, the end and the usage of an answer."""
    expected = (len(prompt), new, len(prompt) + new)
    if len(said.tokens) != new:
        return f"{len(said.tokens)} tokens come back of {new} that were asked for"
    if said.finish != "length":
        return f"the finish reason is {said.finish!r} where all {new} tokens were made: 'length'"
    if said.counts != expected:
        return f"the usage says {said.counts}; it is {expected} (prompt, answer, both)"
    return None


def text_fault(server: Server, said: Said) -> str | None:
    """Tell how a text differs from that of the tokens that came with it."""
    expected = _tokenizer(server.folder).decode(list(said.tokens))
    # Of other text, a piece can end in the middle of a character.
    if not expected.isascii() or said.text == expected:
        return None
    return f"the text is {said.text!r}; its tokens read {expected!r}"


def _text(choice: Any) -> str:
    for name in ("message", "delta"):
        if (holder := getattr(choice, name, None)) is not None:
            return holder.content or ""
    return choice.text or ""


def _tokenizer(folder: Path) -> Any:
    return import_module("tokenizers").Tokenizer.from_file(str(folder / "tokenizer.json"))
