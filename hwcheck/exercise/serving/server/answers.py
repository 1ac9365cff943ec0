"""Examinations: what a server answers through the OpenAI API, against the reference."""

from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor, wait
from typing import Any

from hwcheck.exercise.bench import Bench, Examination
from hwcheck.exercise.serving.asking import NEW_TOKENS, judged, worst
from hwcheck.exercise.serving.prompts import PROMPTS, random_prompt
from hwcheck.exercise.serving.reference_client import Reference
from hwcheck.exercise.serving.server.running_server import Server, with_server
from hwcheck.exercise.serving.server.said import (
    HOW,
    Said,
    complete,
    counts_fault,
    distance,
    encoded,
    said_in,
    text_fault,
)
from hwcheck.exercise.verdicts import broken, kept
from hwcheck.model.examination import ExaminedCase
from hwcheck.model.outcome import Figure

__all__ = ["EXAMINATIONS"]

_TEXT = "the people of this time said that"
_MESSAGES = (
    {"role": "system", "content": "be of use"},
    {"role": "user", "content": "how many people were there"},
)
#: How the template of the tiny models renders them.
_RENDERED = (
    "<s>" + "".join(f"{item['role']}: {item['content']}\n" for item in _MESSAGES) + "assistant:"
)
_AT_ONCE = 16
#: Between two looks at what runs.
_PAUSE = 0.1


@with_server
def _start(bench: Bench, server: Server, reference: Reference) -> Iterator[ExaminedCase]:
    yield kept(
        figures=[
            Figure(name="seconds to the first answer of /health", value=round(server.seconds, 1)),
            Figure(name="context", value=server.context),
        ]
    )


@with_server
def _completion(bench: Bench, server: Server, reference: Reference) -> Iterator[ExaminedCase]:
    prompt = PROMPTS[3][: _room(server)]
    said = complete(server, prompt, NEW_TOKENS)
    yield _as_reference("tokens", server, reference, prompt, said)
    yield _verdict("usage", counts_fault(said, prompt, NEW_TOKENS))


@with_server
def _text(bench: Bench, server: Server, reference: Reference) -> Iterator[ExaminedCase]:
    said = complete(server, _TEXT, NEW_TOKENS)
    yield _as_reference("", server, reference, encoded(server.folder, _TEXT), said)


@with_server
def _chat(bench: Bench, server: Server, reference: Reference) -> Iterator[ExaminedCase]:
    chat = server.client.chat.completions
    said = said_in([chat.create(messages=list(_MESSAGES), max_tokens=NEW_TOKENS, **HOW)])
    yield _as_reference("", server, reference, encoded(server.folder, _RENDERED), said)


@with_server
def _stream(bench: Bench, server: Server, reference: Reference) -> Iterator[ExaminedCase]:
    how: dict[str, Any] = {
        "max_tokens": NEW_TOKENS,
        "stream": True,
        "stream_options": {"include_usage": True},
        **HOW,
    }
    pieces = list(server.client.completions.create(prompt=_TEXT, **how))
    plain = complete(server, _TEXT, NEW_TOKENS)
    yield _streamed("completion", server, pieces, plain, encoded(server.folder, _TEXT))
    chat = server.client.chat.completions
    pieces = list(chat.create(messages=list(_MESSAGES), **how))
    del how["stream"], how["stream_options"]
    plain = said_in([chat.create(messages=list(_MESSAGES), **how)])
    yield _streamed("chat", server, pieces, plain, encoded(server.folder, _RENDERED))


@with_server
def _concurrent(bench: Bench, server: Server, reference: Reference) -> Iterator[ExaminedCase]:
    new = max(1, min(2 * NEW_TOKENS, server.context // 2))
    room = max(1, server.context - new)
    prompts = [random_prompt(3 + 5 * number, 2)[:room] for number in range(_AT_ONCE)]
    with ThreadPoolExecutor(_AT_ONCE) as pool:
        asked = [pool.submit(complete, server, prompt, new) for prompt in prompts]
        most = 0.0
        while wait(asked, timeout=_PAUSE).not_done:
            most = max(most, server.counted().get("vllm:num_requests_running", 0.0))
        answers = [future.result() for future in asked]
    faults = [
        fault
        for prompt, said in zip(prompts, answers, strict=True)
        if (fault := counts_fault(said, prompt, new)) is not None
    ]
    figures = [Figure(name="requests that ran at once, as seen in /metrics", value=most)]
    if faults:
        yield broken(f"{len(faults)} of {_AT_ONCE} answers: {faults[0]}", figures=figures)
        return
    pairs = zip(prompts, answers, strict=True)
    far = worst(distance(server, reference, prompt, said) for prompt, said in pairs)
    if far.fault is not None:
        yield broken(far.fault, figures=[far.figure, *figures])
    else:
        yield kept(figures=[far.figure, *figures])


def _room(server: Server) -> int:
    return max(1, server.context - NEW_TOKENS)


def _as_reference(
    name: str, server: Server, reference: Reference, prompt: Sequence[int], said: Said
) -> ExaminedCase:
    if said.prompt is not None and said.prompt != tuple(prompt):
        return broken(f"the prompt is {list(said.prompt)}; it was to be {list(prompt)}", name)
    if not said.tokens:
        return broken("no tokens come back", name)
    if (fault := text_fault(server, said)) is not None:
        return broken(fault, name)
    return judged(name, distance(server, reference, prompt, said))


def _streamed(
    name: str, server: Server, pieces: Sequence[Any], plain: Said, prompt: Sequence[int]
) -> ExaminedCase:
    said = said_in(pieces)
    fault = counts_fault(said, prompt, NEW_TOKENS) or text_fault(server, said)
    # Other tokens are the matter of the contracts that compare them with the reference.
    if fault is None and said.tokens == plain.tokens and said.text != plain.text:
        fault = f"the pieces together are {said.text!r}; not streamed it is {plain.text!r}"
    if fault is not None:
        return broken(fault, name)
    # A server that is busy hands on several tokens in a piece, so their number decides nothing.
    parts = sum(bool(piece.choices) for piece in pieces)
    return kept(name, figures=[Figure(name="pieces", value=parts)])


def _verdict(name: str, fault: str | None) -> ExaminedCase:
    return kept(name) if fault is None else broken(fault, name)


EXAMINATIONS: dict[str, Examination] = {
    "server.start": _start,
    "server.completion": _completion,
    "server.text": _text,
    "server.chat": _chat,
    "server.stream": _stream,
    "server.concurrent": _concurrent,
}
