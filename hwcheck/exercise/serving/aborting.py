"""Examinations: requests that are taken back in the middle of their work."""

from collections.abc import Iterator, Sequence
from dataclasses import replace

from hwcheck.exercise.bench import Bench, Examination
from hwcheck.exercise.serving.asking import CORE, compared, cut, greedy, judged, worst
from hwcheck.exercise.serving.engine import Answer, Ask, Engine
from hwcheck.exercise.serving.prompts import PROMPTS, random_prompt
from hwcheck.exercise.serving.reference_client import Reference
from hwcheck.exercise.serving.shared_engine import with_engine
from hwcheck.exercise.serving.step_proofs import (
    free_blocks,
    settled_blocks,
    share,
    watched_steps,
)
from hwcheck.exercise.verdicts import broken, not_applicable, not_measured
from hwcheck.model.examination import ExaminedCase
from hwcheck.model.outcome import Figure

__all__ = ["EXAMINATIONS"]

_NEW = 16
#: More requests at a time than this take too long to be filled up.
_MOST_REQUESTS = 16


@with_engine(CORE)
def _abort(bench: Bench, engine: Engine, reference: Reference) -> Iterator[ExaminedCase]:
    given = engine.given
    others = [_ask(prompt, engine) for prompt in PROMPTS[:3]]
    long = _ask(random_prompt(given.context, 5), engine)
    engine.forget()
    if given.requests < 2:
        reason = "the plugin serves one request at a time"
        yield from (not_applicable(reason, name) for name in ("answering", "prompt"))
    else:
        yield _aborted("answering", [_ask(PROMPTS[3], engine), *others], 4, engine, reference)
        if given.has_chunked_prefill and len(long.prompt) > 2 * given.step_tokens:
            yield _aborted("prompt", [long, *others], 1, engine, reference)
        else:
            yield not_applicable("no prompt is worked on in pieces", "prompt")
    if given.requests > _MOST_REQUESTS:
        yield not_measured(f"{given.requests} requests are served at a time", "waiting")
    else:
        # The first ends early, so that there would be a place for the one that waits.
        short = greedy(PROMPTS[0], max_tokens=4)
        full = [short, *[_ask(PROMPTS[0], engine)] * (given.requests - 1)]
        yield _aborted(
            "waiting", [*full, _ask(PROMPTS[3], engine)], 1, engine, reference, last=True
        )
    engine.forget()


def _aborted(
    name: str,
    asked: Sequence[Ask],
    after: int,
    engine: Engine,
    reference: Reference,
    *,
    last: bool = False,
) -> ExaminedCase:
    """Take the first request back, or the last, some steps after all came."""
    before = free_blocks(engine)
    names = engine.add(asked)
    number = len(names) - 1 if last else 0
    done: dict[str, list[Answer]] = {}
    for _ in range(after):
        done |= engine.step()
    engine.abort([names[number]])
    with watched_steps(engine) as steps:
        done |= engine.run()
    if names[number] in done or any(share(step, names[number]) for step in steps):
        return broken("the engine goes on with a request that was taken back", name)
    kept_on = [item for item in range(len(names)) if item != number]
    answers = [done[names[item]][0] for item in kept_on]
    case = judged(name, worst(compared(engine, reference, [asked[i] for i in kept_on], answers)))
    free = settled_blocks(engine, before)
    figures = (*case.figures, Figure(name="blocks not freed", value=before - free, limit=0))
    if free != before and case.reason is None:
        reason = f"{before} blocks were free before the requests, {free} after them"
        return broken(reason, name, figures=figures)
    return replace(case, figures=figures)


def _ask(prompt: Sequence[int], engine: Engine) -> Ask:
    return greedy(cut(prompt, engine, _NEW), max_tokens=_NEW)


EXAMINATIONS: dict[str, Examination] = {"scheduling.abort": _abort}
