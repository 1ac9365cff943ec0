"""Examinations: how a server counts, refuses, takes back and ends."""

import signal
from collections.abc import Iterator
from functools import partial
from importlib import import_module
from pathlib import Path
from time import monotonic, sleep

from hwcheck.exercise.bench import Bench, Examination
from hwcheck.exercise.serving.asking import NEW_TOKENS
from hwcheck.exercise.serving.prompts import PROMPTS
from hwcheck.exercise.serving.reference_client import Reference
from hwcheck.exercise.serving.server.process_tree import (
    descendants,
    end_all,
    still_running,
)
from hwcheck.exercise.serving.server.running_server import Server, with_server
from hwcheck.exercise.serving.server.said import HOW, complete
from hwcheck.exercise.serving.server.serve_command import MODEL, SEQUENCES_AT_ONCE
from hwcheck.exercise.verdicts import broken, kept
from hwcheck.model.examination import ExaminedCase
from hwcheck.model.outcome import Figure

__all__ = ["EXAMINATIONS"]

_PROMPT_TOKENS = "vllm:prompt_tokens_total"
_NEW_TOKENS = "vllm:generation_tokens_total"
_FINISHED = "vllm:request_success_total"
_RUNNING = "vllm:num_requests_running"
_WAITING = "vllm:num_requests_waiting"
#: Seconds until the counters have taken notice; they are told once a step.
_SETTLING = 5.0
#: Sequences of the request that its client leaves: several times what runs at once.
_SEQUENCES = 64
#: Seconds in which a request may be ended whatever it takes otherwise.
_SHORTEST = 3.0
#: Seconds for a server to end in, and for what it started to follow it.
_END_LIMIT = 30.0
_GRACE = 5.0
_PAUSE = 0.1


@with_server
def _metrics(bench: Bench, server: Server, reference: Reference) -> Iterator[ExaminedCase]:
    before = server.counted()
    prompts = [prompt[: max(1, server.context - NEW_TOKENS)] for prompt in PROMPTS[:3]]
    for number, prompt in enumerate(prompts):
        complete(server, prompt, NEW_TOKENS - number)
    expected = {
        _FINISHED: len(prompts),
        _PROMPT_TOKENS: sum(map(len, prompts)),
        _NEW_TOKENS: sum(NEW_TOKENS - number for number in range(len(prompts))),
    }
    if not expected.keys() <= server.counted().keys():
        missing = sorted(expected.keys() - server.counted().keys())
        yield broken(f"/metrics does not tell {', '.join(missing)}")
        return

    def added(now: dict[str, float]) -> dict[str, float]:
        return {name: now.get(name, 0.0) - before.get(name, 0.0) for name in expected}

    if server.settled(lambda now: added(now) == expected, _SETTLING):
        yield kept()
    else:
        now = added(server.counted())
        words = "; ".join(f"{name} {now[name]:.0f}, not {expected[name]}" for name in expected)
        yield broken(f"after {len(prompts)} requests, /metrics has added: {words}")


@with_server
def _bad_request(bench: Bench, server: Server, reference: Reference) -> Iterator[ExaminedCase]:
    openai = import_module("openai")
    send = server.client.completions.create
    prompt = [20, 30]
    long = [20] * (server.context + 1)
    bad = {
        "long-prompt": partial(send, model=MODEL, prompt=long, max_tokens=1),
        "unknown-model": partial(send, model="hwcheck-no-such-model", prompt=prompt),
        "negative-max-tokens": partial(send, model=MODEL, prompt=prompt, max_tokens=-1),
        "unknown-token": partial(send, model=MODEL, prompt=[10**6], max_tokens=1),
    }
    for name, ask in bad.items():
        try:
            ask()
        except openai.APIStatusError as error:
            fault = _refusal_fault(error.status_code, str(error))
        except openai.OpenAIError as error:
            fault = f"the client raises {type(error).__name__}: {error}"
        else:
            fault = "the server answers as if nothing were wrong"
        if fault is None and not server.is_healthy:
            fault = f"the server is ill afterwards; {server.process.printed}"
        yield kept(name) if fault is None else broken(fault, name)
    if not complete(server, prompt, 1).tokens:
        yield broken("a good request afterwards gets no tokens", "good-request")
    else:
        yield kept("good-request")


@with_server
def _disconnect(bench: Bench, server: Server, reference: Reference) -> Iterator[ExaminedCase]:
    new = max(1, server.context - 2)
    begun = monotonic()
    complete(server, [20, 30], NEW_TOKENS)
    # One sequence alone is no slower a token than many, so the long answer takes longer than this.
    alone = (monotonic() - begun) / NEW_TOKENS * new
    sequences = _leave(server, new)
    left = monotonic()
    longest = alone * sequences / SEQUENCES_AT_ONCE
    limit = min(bench.limit / 3, max(_SHORTEST, longest / 2))
    is_idle = server.settled(_is_idle, limit)
    seconds = round(monotonic() - left, 2)
    if not server.is_healthy:
        yield broken(f"the server is ill afterwards; {server.process.printed}")
    elif not is_idle:
        yield broken(f"{limit:.0f} s after its client left, the request still runs")
    elif not complete(server, [20, 30], 1).tokens:
        yield broken("a good request afterwards gets no tokens")
    else:
        yield kept(figures=[Figure(name="seconds until nothing ran", value=seconds, limit=limit)])


@with_server
def _stop(bench: Bench, server: Server, reference: Reference) -> Iterator[ExaminedCase]:
    belonging = descendants(server.process.id, server.marker)
    files = server.shared_files(belonging)
    begun = monotonic()
    code = server.process.terminate(_END_LIMIT)
    figures = [Figure(name="seconds to the end", value=round(monotonic() - begun, 1))]
    if code is None:
        end_all(belonging)
        server.process.kill()
        yield broken(f"vllm serve runs {_END_LIMIT:.0f} s after SIGTERM", "exit", figures=figures)
        return
    # It is the plain answer of a process to SIGTERM.
    if code < 0 and code != -signal.SIGTERM:
        yield broken(f"vllm serve dies of signal {-code} after SIGTERM", "exit", figures=figures)
    else:
        yield kept("exit", figures=figures)
    end = monotonic() + _GRACE
    # What was started in the last moments is found by its environment.
    belonging += descendants(server.process.id, server.marker)
    while (running := still_running(belonging)) and monotonic() < end:
        sleep(_PAUSE)
    names = sorted({item.name for item in running})
    yield broken(f"processes are left: {names}", "processes") if running else kept("processes")
    end_all(running)
    left = sorted(name for name in files if Path(name).exists())
    yield broken(f"files are left: {left}", "shared-memory") if left else kept("shared-memory")
    for name in left:
        # The server was ours, so what it left is ours to take away.
        Path(name).unlink(missing_ok=True)
    listens = server.process.listens
    yield broken("somebody still listens on its port", "port") if listens else kept("port")


def _leave(server: Server, new: int) -> int:
    """Stream a long answer, leave after its first piece, and return of how many sequences."""
    how = {**HOW, "prompt": [20, 30], "max_tokens": new, "stream": True, "temperature": 1.0}
    sequences = _SEQUENCES
    try:
        pieces = server.client.completions.create(n=sequences, **how)
    # A plugin may serve no more than one sequence for a request.
    except import_module("openai").BadRequestError:
        sequences = 1
        pieces = server.client.completions.create(**how)
    with pieces:
        next(iter(pieces))
    return sequences


def _is_idle(now: dict[str, float]) -> bool:
    return now.get(_RUNNING, 1.0) == 0 and now.get(_WAITING, 0.0) == 0


def _refusal_fault(status: int, message: str) -> str | None:
    if not 400 <= status < 500:
        return f"the server answers with status {status}, and not 400 or 404: {message}"
    return None if message.strip() else f"the server answers with status {status} and no message"


EXAMINATIONS: dict[str, Examination] = {
    "server.metrics": _metrics,
    "server.bad-request": _bad_request,
    "server.disconnect": _disconnect,
    "server.stop": _stop,
}
