"""Examinations: what the engine keeps of earlier prompts, and that it gives its blocks back."""

from collections.abc import Iterator
from dataclasses import replace

from hwcheck.exercise.bench import Bench, Examination
from hwcheck.exercise.serving.asking import CORE, compared, cut, greedy, worst
from hwcheck.exercise.serving.engine import Answer, Ask, Engine
from hwcheck.exercise.serving.prompts import PROMPTS, random_prompt
from hwcheck.exercise.serving.reference_client import Reference
from hwcheck.exercise.serving.shared_engine import with_engine
from hwcheck.exercise.serving.step_proofs import free_blocks, settled_blocks
from hwcheck.exercise.verdicts import broken, kept, not_applicable, not_measured
from hwcheck.model.examination import ExaminedCase
from hwcheck.model.outcome import Figure, Refusal

__all__ = ["EXAMINATIONS"]

_NEW = 12
_STEPS_BEFORE_ABORT = 3


@with_engine(CORE)
def _prefix(bench: Bench, engine: Engine, reference: Reference) -> Iterator[ExaminedCase]:
    given = engine.given
    if not given.has_prefix_cache:
        yield not_applicable("the plugin turned prefix caching off")
        return
    # As long as there is room: some platforms find prefixes of many blocks only.
    prompt = random_prompt(given.room(_NEW), 3)
    if len(prompt) <= 2 * given.block_size:
        yield not_measured("a prompt of more than two blocks has no room")
        return
    engine.forget()
    engine.first([_ask(prompt)])
    for name, ask, shared in _askings(prompt, given.block_size):
        if name == "reset" and not engine.forget():
            yield broken("with no request left, the engine says that it resets nothing", name)
            continue
        answer = engine.first([ask])[0]
        yield _judged_prefix(name, ask, answer, shared, engine, reference)
    engine.forget()


def _askings(prompt: tuple[int, ...], block_size: int) -> Iterator[tuple[str, Ask, int]]:
    """Each case with its request, and the tokens that it shares with what was served before."""
    middle = (len(prompt) // block_size // 2) * block_size + block_size // 2
    yield "hit", _ask(prompt), len(prompt) - 1
    yield "first-block", _ask(_differing(prompt, 0)), 0
    yield "middle", _ask(_differing(prompt, middle)), middle
    yield "salt", _ask(prompt, salt="hwcheck"), 0
    yield "reset", _ask(prompt), 0


def _ask(prompt: tuple[int, ...], salt: str | None = None) -> Ask:
    return replace(greedy(prompt, max_tokens=_NEW), salt=salt)


def _differing(prompt: tuple[int, ...], position: int) -> tuple[int, ...]:
    """The same prompt but for one token."""
    other = prompt[position] + (1 if prompt[position] < max(prompt) else -1)
    return (*prompt[:position], other, *prompt[position + 1 :])


def _judged_prefix(  # noqa: PLR0917
    name: str, ask: Ask, answer: Answer, shared: int, engine: Engine, reference: Reference
) -> ExaminedCase:
    distance = worst(compared(engine, reference, [ask], [answer]))
    figures = [Figure(name="tokens from the cache", value=answer.cached), distance.figure]
    told = f"{answer.cached} of {len(ask.prompt)} tokens came from the cache"
    if answer.cached > shared:
        return broken(f"{told}; {shared} were served before", name, figures=figures)
    if distance.fault is not None:
        return broken(f"{told}; {distance.fault}", name, figures=figures)
    if name == "hit" and not answer.cached:
        reason = f"prefix caching is on, and {told} when the same prompt came again"
        return replace(broken(reason, name, figures=figures), refusal=Refusal.IGNORED)
    return kept(name, figures=figures)


@with_engine(CORE)
def _blocks_freed(bench: Bench, engine: Engine, reference: Reference) -> Iterator[ExaminedCase]:
    before = free_blocks(engine)
    asked = [greedy(cut(prompt, engine, _NEW), max_tokens=_NEW) for prompt in PROMPTS]
    engine.first(asked)
    yield _judged_blocks("ended", before, engine)
    before = free_blocks(engine)
    names = engine.add(asked)
    for _ in range(_STEPS_BEFORE_ABORT):
        engine.step()
    held = before - free_blocks(engine)
    engine.abort(names)
    engine.run()
    if held <= 0:
        yield not_measured("requests that ran held no block", "aborted")
    else:
        yield _judged_blocks("aborted", before, engine)


def _judged_blocks(name: str, before: int, engine: Engine) -> ExaminedCase:
    free = settled_blocks(engine, before)
    figures = [Figure(name="blocks not freed", value=before - free, limit=0)]
    if free != before:
        return broken(
            f"{before} blocks were free before the requests, {free} after them",
            name,
            figures=figures,
        )
    return kept(name, figures=figures)


EXAMINATIONS: dict[str, Examination] = {
    "cache.prefix": _prefix,
    "cache.blocks-freed": _blocks_freed,
}
